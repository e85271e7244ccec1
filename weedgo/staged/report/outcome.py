"""What a report says when it is asked: the headline, what is not done, and what mends it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from weedgo.staged.model import DropMode, Options, Report, Result, Stage, Statement, Status
from weedgo.staged.report import words

OPEN = (Status.FAILED, Status.REFUSED, Status.WAITING)
# From weak to strong, as the manual's chapter on explicit locking orders them.
LOCKS = (
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)


@dataclass
class Locked:
    """What a run asks of one table that others are using.

    ``scans`` and ``rewrites`` are the strongest locks under which it reads, or writes, all of it.
    """

    lock: str = ""
    statements: int = 0
    scans: str = ""
    rewrites: str = ""

    def add(self, statement: Statement) -> None:
        """One more statement on the table."""
        self.statements += 1
        self.lock = max(self.lock, statement.lock, key=strength)
        if statement.scans:
            self.scans = max(self.scans, statement.lock, key=strength)
        if statement.rewrites:
            self.rewrites = max(self.rewrites, statement.lock, key=strength)


def strength(lock: str) -> int:
    """How much a table lock excludes, from -1 for none."""
    return LOCKS.index(lock) if lock in LOCKS else -1


def results(report: Report) -> tuple[Result, ...]:
    """What became of every step; of a plan that was not run, every step as planned."""
    if report.results or report.plan is None:
        return report.results
    return tuple(Result(step, Status.PLANNED) for step in report.plan.steps)


def objects(found: Iterable[Result]) -> int:
    """How many objects the steps are there for, without those that only follow from them."""
    return sum(len(result.step.counted) for result in found)


def only_planned(report: Report) -> bool:
    """Whether the report is of a plan that was not run, proved or not."""
    found = results(report)
    planned = having(found, Status.PLANNED)
    return report.status == "planned" or (bool(planned) and not having(found, Status.DONE))


def having(found: Iterable[Result], *statuses: Status) -> list[Result]:
    """The results of these statuses."""
    return [result for result in found if result.status in statuses]


def headline(report: Report) -> str:
    """The outcome in one sentence."""
    found = results(report)
    if report.status == "error":
        return words.redact(report.message) or "The run ended with an error."
    if only_planned(report):
        if not found:
            return "Nothing to do: the target already equals the source for what was asked."
        steps = words.count(len(found), "step")
        return f"Planned: {steps} for {words.count(objects(found), 'object')}. Nothing was changed."
    return _ended(report, found)


def remark(report: Report) -> str:
    """What else there is to be said of the whole run, such as whether its plan was proved."""
    if report.status == "error" or not report.message:
        return ""
    return f"{words.redact(report.message).rstrip('.')}."


def _ended(report: Report, found: tuple[Result, ...]) -> str:
    undone, open = objects(having(found, Status.UNDONE)), objects(having(found, *OPEN))
    left = words.count(open, "object") if open else ""
    if undone:
        taken = f"{words.count(undone, 'object')} taken back"
        return (
            f"Not finished: {left} not taken back, {taken}." if left else f"Rolled back: {taken}."
        )
    done = words.count(objects(having(found, Status.DONE)), "object")
    if left and report.status != "equal":
        return f"Not finished: {left} not done, {done} done."
    return _reached(report, done if having(found, Status.DONE) else "")


def _reached(report: Report, done: str) -> str:
    """How a run ended that did all that it planned."""
    if report.status == "equal":
        if done:
            return f"Done: {done}. The target equals the source for what was asked."
        return "Nothing to do: the target already equals the source for what was asked."
    if unknown := unmodelled(report):
        what = f"Done: {done}" if done else "Nothing to do"
        return f"{what}. Look by hand at {unknown}, of kinds that are not modelled."
    done = done or words.count(0, "object")
    return f"Not equal: {done} done, yet the fresh comparison still finds differences."


def unmodelled(report: Report) -> str:
    """What keeps a target from being equal that no run would change; empty where there is more."""
    parity = report.parity
    if parity is None or parity.different or having(results(report), *OPEN):
        return ""
    named = [f"{u.kind.replace('_', ' ')} {u.path}" for u in parity.unmodelled[:3]]
    more = len(parity.unmodelled) - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")


def locked(report: Report) -> Mapping[str, Locked]:
    """The tables in use that the run locks, by path."""
    tables: dict[str, Locked] = {}
    for result in results(report):
        for s in result.step.statements:
            if s.table and s.lock:
                tables.setdefault(s.table.path, Locked()).add(s)
    return dict(sorted(tables.items()))


def command(
    report: Report, options: Options, *extra: str, stages: Iterable[Stage] | None = None
) -> str:
    """The command that runs the same again, without passwords.

    Args:
        extra: further arguments.
        stages: instead of those of the options.
    """
    return _shell("migrate_staged", *_places(report), *_scope(options, stages), *extra)


def rollback_command(report: Report, *extra: str) -> str:
    """The command that takes the run back."""
    target = words.redact(report.target)
    return _shell("rollback_staged", report.run, *extra, *(("--target", target) if target else ()))


def _shell(*arguments: str) -> str:
    return shlex.join(["python", "manage.py", *filter(None, arguments)])


def _places(report: Report) -> list[str]:
    source, target = words.redact(report.source), words.redact(report.target)
    return ["--source", source, "--target", target]


def _scope(options: Options, stages: Iterable[Stage] | None) -> list[str]:
    found = [part for pattern in options.schemas for part in ("--schema", pattern)]
    found += [part for pattern in options.excludes for part in ("--exclude", pattern)]
    found += [] if options.owners else ["--no-owner"]
    found += [] if options.privileges else ["--no-privileges"]
    for theirs, ours in options.role_map.items():
        found += ["--role-map", f"{theirs}={ours}"]
    if options.drop != DropMode.KEEP:
        found += ["--drop", str(options.drop)]
    chosen = tuple(options.stages if stages is None else stages)
    if set(chosen) != set(Stage):
        found += ["--stage", words.stages(chosen)]
    return found
