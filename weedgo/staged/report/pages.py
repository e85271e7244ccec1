"""The Markdown reports: what a change request wants to know, before a run and after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from weedgo.staged.model import Finding, Options, Report, Result, Stage, Status, Step
from weedgo.staged.report import outcome, risks, words
from weedgo.staged.report.risks import code_of

Lines = list[str]
COUNTED = ("planned", "done", "failed", "waiting", "skipped")
NOT_LISTED = frozenset({"sizes", "traffic"})
ALL, SOME = 1_000_000, 20


def migration(report: Report, options: Options) -> str:
    """``MIGRATION_REPORT.md``: all that is to be known of the run, step by step."""
    lines = ["# Migration report", "", *_headline(report), *_origin(report)]
    lines += _counts(report)
    lines += _stages(report)
    lines += _open(report)
    lines += risks.locks(report, options)
    lines += risks.hazards(report)
    lines += risks.moved(report)
    lines += risks.no_undo(report)
    lines += _running(report, options)
    lines += _rollback(report)
    lines += _parity(report)
    lines += _kept(report)
    lines += _steps(report)
    return _text(lines)


def validation(report: Report, findings: Sequence[Finding]) -> str:
    """``VALIDATION_REPORT.md``: every check, those that do not hold first."""
    held = sum(finding.holds for finding in findings)
    percent = 100.0 * held / len(findings) if findings else 100.0
    lines = [
        "# Validation report",
        "",
        f"**{held:,} of {len(findings):,} checks hold ({percent:.1f} %).**",
        "",
    ]
    lines += [f"Run {words.code(report.run)} on {words.code(words.redact(report.target))}.", ""]
    lines += _checks(findings)
    broken = [finding for finding in findings if not finding.holds]
    lines += ["## What does not hold", ""]
    lines += _finding_rows(broken) if broken else ["Nothing: every check holds."]
    lines += ["", "## Every check", "", *_finding_rows(findings)]
    return _text(lines)


def summary(report: Report, options: Options, findings: Sequence[Finding]) -> str:
    """``FINAL_SUMMARY.md``: one page for those who decide."""
    lines = ["# Final summary", "", *_headline(report), *_origin(report)]
    lines += _counts(report)
    lines += _open(report, SOME)
    lines += _parity(report, SOME)
    if findings:
        held = sum(finding.holds for finding in findings)
        lines += ["## Validation", "", f"{held:,} of {len(findings):,} checks hold.", ""]
    lines += _running(report, options)
    lines += _rollback(report)
    if report.files:
        lines += ["## Files", "", *(f"- {words.code(name)}" for name in report.files), ""]
    return _text(lines)


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _headline(report: Report) -> Lines:
    lines = [f"**{words.line(outcome.headline(report))}**", ""]
    return [*lines, words.sentence(outcome.remark(report)), ""] if outcome.remark(report) else lines


def _origin(report: Report) -> Lines:
    rows = [
        ("Run", words.code(report.run or "none")),
        ("Source, whose schema is wanted", words.code(words.redact(report.source))),
        ("Target, which is changed", words.code(words.redact(report.target))),
        ("Status", f"{report.status} (exit status {report.exit})"),
        ("Time", words.duration(report.seconds)),
    ]
    if report.plan is not None:
        rows += [
            ("Digest of the source's schema", words.code(report.plan.source_fingerprint)),
            ("Digest of the target's schema before", words.code(report.plan.target_fingerprint)),
        ]
    rows += [
        (_label(name), _fact(name, found))
        for name, found in report.facts.items()
        if name not in NOT_LISTED
    ]
    return [*words.markdown_table(("", ""), rows), ""]


def _label(name: str) -> str:
    return name.replace("_seconds", "_time").replace("_", " ").capitalize()


def _fact(name: str, found: Any) -> str:
    if isinstance(found, Mapping):
        return ", ".join(f"{_label(key).lower()} {_fact(key, item)}" for key, item in found.items())
    if isinstance(found, int | float) and not isinstance(found, bool):
        if "storage" in name or name.endswith(("size", "bytes")):
            return words.size(found)
        if name.endswith(("seconds", "pause")):
            return words.duration(found)
        return f"{found:,}"
    return words.redact(words.plain(found))


def _counts(report: Report) -> Lines:
    if not report.counts:
        return []
    rows = [
        (label, *(f"{getattr(tally, name):,}" for name in COUNTED))
        for label, tally in report.counts.items()
    ]
    head = ("Objects", *COUNTED)
    return ["## What was asked for", "", *words.markdown_table(head, rows, right=range(1, 6)), ""]


def _stages(report: Report) -> Lines:
    found = outcome.results(report)
    rows = [_stage_row(stage, [r for r in found if r.step.stage == stage]) for stage in Stage]
    head = (
        "Stage",
        "File",
        "Steps",
        "Objects",
        "Done",
        "Failed",
        "Refused",
        "Waiting",
        "Skipped",
        "Time",
    )
    table = words.markdown_table(head, rows, right=range(2, 10))
    return ["## Stage by stage", "", *table, ""]


def _stage_row(stage: Stage, found: Sequence[Result]) -> tuple[str, ...]:
    statuses = (Status.DONE, Status.FAILED, Status.REFUSED, Status.WAITING, Status.SKIPPED)
    numbers = [outcome.objects(outcome.having(found, status)) for status in statuses]
    elapsed = sum(result.elapsed for result in found)
    return (
        f"{stage.value} {stage.name.lower()}",
        words.code(stage.file),
        f"{len(found):,}",
        f"{outcome.objects(found):,}",
        *(f"{number:,}" for number in numbers),
        words.duration(elapsed) if elapsed else "",
    )


def _open(report: Report, limit: int = ALL) -> Lines:
    found = outcome.having(outcome.results(report), *outcome.OPEN)
    if not found:
        return []
    lines = ["## What is not done, why, and what mends it", ""]
    found.sort(key=lambda r: outcome.OPEN.index(r.status))
    for result in found[:limit]:
        lines += _open_item(result)
    if len(found) > limit:
        lines.append(f"- and {len(found) - limit:,} more, in MIGRATION_REPORT.md")
    return [*lines, ""]


def _open_item(result: Result) -> Lines:
    subject = code_of(result.step.main.id)
    state = f" (SQLSTATE {result.sqlstate})" if result.sqlstate else ""
    lines = [f"- **{result.status}**, {words.stage(result.step.stage)}: {subject}{state}"]
    why = result.message or result.step.refusal
    if why:
        lines.append(f"  - Cause: {words.line(words.redact(why))}")
    if result.remedy:
        lines.append(f"  - Remedy: {words.line(words.redact(result.remedy))}")
    return lines


def _running(report: Report, options: Options) -> Lines:
    verb = (
        "Run it" if outcome.only_planned(report) else "Run it again; what is done is not done twice"
    )
    return [
        "## How to run it",
        "",
        f"{verb}:",
        "",
        f"    {outcome.command(report, options)}",
        "",
        "Or with psql, all stages or one, on a target that has not changed since the plan:",
        "",
        '    psql "$TARGET" -f run_all.sql',
        f'    psql "$TARGET" -f {Stage.INDEXES.file}',
        "",
        "Passwords come from the environment, a passfile or a service file.",
        "",
    ]


def _rollback(report: Report) -> Lines:
    lines = ["## How to roll back", ""]
    if outcome.only_planned(report):
        lines += [
            "After a run, `rollback_staged` takes back the whole of it or one stage. By hand:",
            "",
        ]
    else:
        lines += [
            "The whole run, or one stage of it:",
            "",
            f"    {outcome.rollback_command(report)}",
            f"    {outcome.rollback_command(report, '--stage', '7')}",
            "",
            "By hand, after a run of which every step is done:",
            "",
        ]
    return [*lines, '    psql "$TARGET" -f schema_rollback.sql', ""]


def _parity(report: Report, limit: int = ALL) -> Lines:
    parity = report.parity
    if parity is None:
        return []
    if outcome.only_planned(report):
        return [f"The target has {parity.percent:.1f} % of the source's objects alike.", ""]
    lines = [
        "## Parity, by a fresh comparison after the run",
        "",
        f"{parity.percent:.1f} %: {parity.equal:,} alike, {len(parity.different):,} different, "
        f"{len(parity.unmodelled):,} not modelled, {len(parity.unverified):,} not verified.",
        "",
    ]
    found = [f"different: {code_of(c.id)}, {words.line(words.reason(c))}" for c in parity.different]
    found += [
        f"not modelled: {u.kind.replace('_', ' ')} {words.code(u.path)}" for u in parity.unmodelled
    ]
    found += [f"not verified: {code_of(id)}" for id in parity.unverified]
    return [*lines, *_items(found, limit), *([""] if found else [])]


def _items(found: Sequence[str], limit: int) -> Lines:
    """A list, cut where it would be too long for its page."""
    more = len(found) - limit
    rest = [f"- and {more:,} more, in MIGRATION_REPORT.md"] if more > 0 else []
    return [*(f"- {item}" for item in found[:limit]), *rest]


def _kept(report: Report) -> Lines:
    kept = report.plan.kept if report.plan is not None else ()
    if not kept:
        return []
    lines = ["## Only in the target, left as it is", ""]
    for kind, ids in groupby(sorted(kept), key=words.kind):
        found = [id.path for id in ids]
        lines.append(f"- {words.count(len(found), kind)}: {risks.some(found, 20)}")
    return [*lines, ""]


def _steps(report: Report) -> Lines:
    found = outcome.results(report)
    lines = ["## Every step", ""]
    if not found:
        return [*lines, "There is none.", ""]
    for stage in Stage:
        own = [result for result in found if result.step.stage == stage]
        if own:
            lines += [f"### {words.stage(stage).capitalize()}", ""]
            head = ("Object", "Action", "Why", "Lock", "Undo", "Status", "Time")
            lines += words.markdown_table(
                head, [row for r in own for row in _step_rows(r)], right=(6,)
            )
            lines.append("")
    return lines


def _step_rows(result: Result) -> Iterable[tuple[str, ...]]:
    step = result.step
    first = True
    parts = len(step.changes) - len(step.counted)
    for change in step.counted:
        with_parts = f" with {words.count(parts, 'part')}" if first and parts else ""
        yield (
            code_of(change.id) + with_parts,
            str(change.action),
            words.reason(change, 30),
            _lock(step) if first else "with it",
            ("no" if step.no_undo else "yes") if first else "",
            str(result.status),
            words.duration(result.elapsed) if first and result.attempts else "",
        )
        first = False


def _lock(step: Step) -> str:
    return max((lock for _, lock in step.locks), key=outcome.strength, default="none")


def _checks(findings: Sequence[Finding]) -> Lines:
    tallies: dict[str, list[int]] = {}
    for finding in findings:
        tally = tallies.setdefault(finding.check, [0, 0])
        tally[0 if finding.holds else 1] += 1
    rows = [(check, f"{held:,}", f"{broken:,}") for check, (held, broken) in tallies.items()]
    return [*words.markdown_table(("Check", "Holds", "Does not"), rows, right=(1, 2)), ""]


def _finding_rows(findings: Sequence[Finding]) -> Lines:
    rows = [
        (f.check, words.code(f.subject), "holds" if f.holds else "**does not hold**", f.detail)
        for f in findings
    ]
    return words.markdown_table(("Check", "Subject", "Result", "Detail"), rows)
