"""The end of a run on a screen of 80 columns: what was done, what was not, and what mends it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from weedgo.staged.model import Options, Report, Result, Status, Tally
from weedgo.staged.report import outcome, words

WIDTH = 80
SHOWN = 10
COUNTED = ("planned", "done", "failed", "waiting", "skipped")


def summary(report: Report, options: Options | None = None, again: str = "") -> list[str]:
    """Lines that tell how a run ended.

    Args:
        again: the command as the user typed it, where it is known.
    """
    options = options or Options()
    lines = [*_counts(report), outcome.headline(report)]
    lines += _wrapped("", words.sentence(outcome.remark(report)), indent=0)
    lines += [*_parity(report), *_storage(report), *_time(report)]
    lines += [*_told(report), ""]
    lines += _open(report)
    if outcome.only_planned(report):
        lines += _outlook(report)
    lines += _next(report, options, again)
    return lines[:-1] if lines and not lines[-1] else lines


def _counts(report: Report) -> list[str]:
    if not report.counts:
        return []
    rows: list[Sequence[str]] = [("", *COUNTED)]
    for label, tally in report.counts.items():
        rows.append((label, *(_number(getattr(tally, name)) for name in COUNTED)))
    rows.append(("total", *(_number(_total(report.counts.values(), name)) for name in COUNTED)))
    return [*words.columns(rows, right=range(1, 6), gap="   "), ""]


def _number(number: int) -> str:
    return f"{number:,}" if number else "·"


def _total(tallies: Iterable[Tally], name: str) -> int:
    return sum(getattr(tally, name) for tally in tallies)


def _parity(report: Report) -> list[str]:
    parity = report.parity
    if parity is None:
        return []
    name = "Parity now" if outcome.only_planned(report) else "Parity"
    parts = [f"{name} {parity.percent:.1f} %: {parity.equal:,} alike"]
    for number, what in (
        (len(parity.different), "different"),
        (len(parity.unmodelled), "not modelled"),
        (len(parity.unverified), "not verified"),
    ):
        if number:
            parts.append(f"{number:,} {what}")
    return [f"{', '.join(parts)}."]


def _storage(report: Report) -> list[str]:
    found = [
        f"{words.size(amount)} {name.removeprefix('storage_').replace('_', ' ')}"
        for name, amount in report.facts.items()
        if name.startswith("storage_") and isinstance(amount, int)
    ]
    return [f"Storage: {', '.join(found)}."] if found else []


def _time(report: Report) -> list[str]:
    return [f"Time: {words.duration(report.seconds)}."]


def _told(report: Report) -> list[str]:
    """What else is to be known, in the words of whoever had the run made."""
    return [
        line for said in report.facts.get("told") or () for line in _wrapped("", said, indent=0)
    ]


def _outlook(report: Report) -> list[str]:
    """What to know before one agrees to a plan."""
    steps = [result.step for result in outcome.results(report)]
    hazards = dict.fromkeys(hazard for step in steps for hazard in step.hazards)
    moved = [f"{step.main.id} {step.because}" for step in steps if step.because]
    final = [f"{step.main.id}: {step.no_undo}" for step in steps if step.no_undo]
    lines = [*_locks(report), *_renames(report)]
    for title, found in (
        ("Hazards", list(hazards)),
        ("Later than the stage of their kind", moved),
        ("What cannot be taken back", final),
    ):
        if found:
            lines += [f"{title} ({len(found):,})", *_cut(found), ""]
    return lines


def _renames(report: Report) -> list[str]:
    """What looks like a rename, in the form in which a file of renames has it."""
    found = report.facts.get("rename_hints") or ()
    if not found:
        return []
    title = "Looks renamed rather than dropped and added; if so, put into a file for --rename"
    return [*_wrapped("", title, indent=0), *(f"  {words.line(hint)}" for hint in found), ""]


def _locks(report: Report) -> list[str]:
    tables = outcome.locked(report)
    if not tables:
        return []
    sizes = report.facts.get("sizes", {})
    lines = [f"Locks: {words.count(len(tables), 'table')} in use, each for a moment at a time."]
    rewritten = [path for path, use in tables.items() if use.rewrites]
    if rewritten:
        named = ", ".join(f"{path} ({words.size(sizes.get(path, 0))})" for path in rewritten)
        lines = [f"Locks: {words.count(len(tables), 'table')} in use."]
        lines += _wrapped("", f"Rewritten under a lock: {named}", indent=2)
    return [*lines, ""]


def _cut(found: Sequence[str]) -> Iterable[str]:
    for item in found[:SHOWN]:
        yield from _wrapped("", item, indent=2)
    if len(found) > SHOWN:
        yield f"  and {len(found) - SHOWN:,} more, in MIGRATION_REPORT.md"


def _open(report: Report) -> list[str]:
    lines: list[str] = []
    waiting = outcome.having(outcome.results(report), Status.WAITING)
    leave = [r for r in waiting if r.step.consent and r.message == r.step.consent]
    for title, found, told in (
        ("Failed", outcome.having(outcome.results(report), Status.FAILED), _items),
        ("Refused", outcome.having(outcome.results(report), Status.REFUSED), _items),
        ("Waiting for your leave", leave, _waiting),
        ("Waiting for what is not done", [r for r in waiting if r not in leave], _waiting),
    ):
        if found:
            lines += [f"{title} ({outcome.objects(found):,})", *told(found), ""]
    return lines


def _items(found: Sequence[Result]) -> Iterable[str]:
    for result in found[:SHOWN]:
        state = f"  [{result.sqlstate}]" if result.sqlstate else ""
        yield f"  {words.line(str(result.step.main.id))}{state}"
        yield from _wrapped("why", result.message or result.step.refusal)
        yield from _wrapped("fix", result.remedy)
    if len(found) > SHOWN:
        yield f"  and {len(found) - SHOWN:,} more, in MIGRATION_REPORT.md"


def _waiting(found: Sequence[Result]) -> Iterable[str]:
    """By what they wait for: one failure can hold up hundreds."""
    causes: dict[str, list[Result]] = {}
    for result in found:
        causes.setdefault(result.message, []).append(result)
    for cause, held in list(causes.items())[:SHOWN]:
        first = words.line(str(held[0].step.main.id))
        more = f" and {len(held) - 1:,} more" if len(held) > 1 else ""
        yield f"  {first}{more}"
        yield from _wrapped("why", cause)
        yield from _wrapped("fix", held[0].remedy)
    if len(causes) > SHOWN:
        yield f"  and {len(causes) - SHOWN:,} other causes, in MIGRATION_REPORT.md"


def _wrapped(label: str, text: str, indent: int = 4) -> list[str]:
    if not text:
        return []
    head = " " * indent + (f"{label:<5}" if label else "")
    return textwrap.wrap(
        words.line(words.redact(text)),
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * (len(head) if label else indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _next(report: Report, options: Options, again: str) -> list[str]:
    rows: list[tuple[str, str]] = []
    again_helps = not (outcome.only_planned(report) or outcome.unmodelled(report))
    if report.status in {"incomplete", "refused"} and again_helps:
        rows.append(("Then run again", again or outcome.command(report, options)))
    if outcome.having(report.results, Status.DONE):
        rows.append(("Roll back", outcome.rollback_command(report)))
    if report.files:
        rows.append(("Files", _folder(report.files)))
    return [line for label, text in rows for line in (f"{label}:", f"  {text}")]


def _folder(files: Sequence[str]) -> str:
    """The folder of all of them; a part of a run may have one of its own in it."""
    return min((file.rpartition("/")[0] or "." for file in files), key=len) + "/"
