"""Sections of the reports on what a run asks of those who use the tables, and what it risks."""

from __future__ import annotations

from collections.abc import Sequence

from weedgo.staged.model import ObjectId, Options, Report
from weedgo.staged.report import outcome, words

Lines = list[str]


def locks(report: Report, options: Options) -> Lines:
    """The tables in use that are locked, how strongly, for how long, and how it is waited for."""
    tables = outcome.locked(report)
    lines = ["## Locks on tables in use", ""]
    if not tables:
        return [*lines, "None: no statement locks a table that others may be using.", ""]
    sizes = report.facts.get("sizes", {})
    largest = sorted(tables.items(), key=lambda pair: (-sizes.get(pair[0], 0), pair[0]))
    rows = [
        (
            words.code(path),
            words.size(sizes[path]) if path in sizes else "",
            use.lock,
            f"{use.statements:,}",
            _effort(use),
        )
        for path, use in largest
    ]
    head = ("Table", "Size", "Strongest lock", "Statements", "Longest work")
    lines += words.markdown_table(head, rows, right=(1, 3))
    return [*lines, "", _manner(options), ""]


def _effort(use: outcome.Locked) -> str:
    if use.rewrites:
        return f"rewriting the table, under {use.rewrites}"
    return f"reading the table, under {use.scans}" if use.scans else "a moment's change"


def _manner(options: Options) -> str:
    return (
        f"A statement waits at most {words.duration(options.lock_timeout)} for its lock, then lets "
        f"go and is tried again up to {words.count(options.retries, 'time')}, so that nothing "
        "queues behind it. "
        f"All waiting of one step is bounded by {words.duration(options.wait_timeout)}."
    )


def hazards(report: Report) -> Lines:
    """What the steps are known to risk."""
    hazards: dict[str, list[str]] = {}
    for result in outcome.results(report):
        for hazard in result.step.hazards:
            hazards.setdefault(hazard, []).append(str(result.step.main.id))
    lines = ["## Hazards", ""]
    if not hazards:
        return [*lines, "None known.", ""]
    for hazard, subjects in hazards.items():
        lines.append(f"- {words.line(hazard)}: {some(subjects)}")
    return [*lines, ""]


def some(subjects: Sequence[str], limit: int = 5) -> str:
    """The first of many names, and how many more there are."""
    named = ", ".join(words.code(subject) for subject in subjects[:limit])
    more = len(subjects) - limit
    return f"{named} and {more:,} more" if more > 0 else named


def moved(report: Report) -> Lines:
    """The steps that run later than others of their kind, and why."""
    moved = [r.step for r in outcome.results(report) if r.step.because]
    if not moved:
        return []
    lines = ["## Steps that wait for a later stage", ""]
    lines += [f"- {code_of(step.main.id)}: {words.line(step.because)}" for step in moved]
    return [*lines, ""]


def no_undo(report: Report) -> Lines:
    """What no rollback brings back, and why."""
    steps = [r.step for r in outcome.results(report) if r.step.no_undo]
    if not steps:
        return []
    lines = ["## What cannot be taken back", ""]
    lines += [f"- {code_of(step.main.id)}: {words.line(step.no_undo)}" for step in steps]
    return [*lines, ""]


def code_of(id: ObjectId) -> str:
    """An object's name as Markdown code."""
    return words.code(str(id))
