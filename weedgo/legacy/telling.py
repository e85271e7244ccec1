"""The end of the demo in words: what was migrated, what it cost, and what proves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from weedgo.legacy.demo import Outcome
from weedgo.staged.model import Finding
from weedgo.staged.report import words

SHOWN = 10
Line = tuple[bool | None, str]


def lines(outcome: Outcome) -> Iterator[Line]:
    """The summary, line by line, each with whether it is good news (None: neither)."""
    yield None, "Migrated"
    yield from _counts(outcome)
    yield None, ""
    yield None, "Proved"
    yield from _proofs(outcome)
    yield None, ""
    yield None, "Under traffic"
    yield from _traffic(outcome)
    yield None, ""
    yield None, "Cost"
    yield from _cost(outcome)


def _counts(outcome: Outcome) -> Iterator[Line]:
    for label, count in outcome.counts.items():
        noun = label[:-2] if label == "indexes" else label[:-1]
        text = f"{count.done:,} of {words.count(count.planned, noun, label)}"
        if count.tables:
            text += f", on {words.count(count.tables, 'table')}"
        yield count.done == count.planned, text
    for id in outcome.altered:
        if not id.target:
            same = outcome.report.parity is not None and all(
                change.id != id for change in outcome.report.parity.different
            )
            yield same, f"{id} altered to match"


def _proofs(outcome: Outcome) -> Iterator[Line]:
    parity = outcome.report.parity
    if parity is not None:
        whole = not parity.different and not parity.unmodelled and not parity.unverified
        yield whole, f"parity {parity.percent:.1f} %: {parity.equal:,} objects alike"
    for what, findings in (
        ("validation", outcome.validation),
        ("integration", outcome.integration),
    ):
        held = sum(finding.holds for finding in findings)
        share = 100 * held / len(findings) if findings else 0.0
        yield (
            bool(findings) and held == len(findings),
            (f"{what} {share:.1f} %: {held:,} of {len(findings):,} checks"),
        )
        yield from _broken(findings)
    planner = [finding for finding in outcome.integration if finding.check == "planner"]
    for finding in planner:
        yield finding.holds, finding.detail + " by the planner, for the queries they were made for"
    yield from _rows(outcome)
    held = sum(finding.holds for finding in outcome.own)
    yield (
        held == len(outcome.own),
        (
            f"{held:,} of the {len(outcome.own):,} tables that only the current database has "
            "are as they were, row by row and file by file"
        ),
    )
    yield from _broken(outcome.own)
    idle = outcome.again.exit == 0 and not outcome.again.results
    yield idle, f"second run: {'nothing to be done' if idle else 'it still had something to do'}"


def _rows(outcome: Outcome) -> Iterator[Line]:
    ledger = outcome.load.ledger
    before = sum(sums.rows for sums in outcome.before.values())
    after = sum(sums.rows for name, sums in outcome.after.items() if name in outcome.before)
    inserted = sum(map(len, ledger.inserted.values()))
    deleted = sum(map(len, ledger.deleted.values()))
    triggers = after - (before + inserted - deleted)
    good = all(finding.holds for finding in outcome.rows)
    text = f"rows: {before:,} before + {inserted:,} inserted - {deleted:,} deleted by the traffic"
    if triggers:
        text += f" + {triggers:,} inserted by new triggers"
    yield good, f"{text} = {after:,} after"
    tables = sum(finding.check == "content" for finding in outcome.rows)
    alike = sum(finding.check == "content" and finding.holds for finding in outcome.rows)
    yield alike == tables, f"checksums: {alike:,} of {tables:,} tables as before"
    written = sum(map(len, ledger.rows.values()))
    kept = all(finding.holds for finding in outcome.rows if finding.check == "committed rows")
    yield kept, f"committed by the traffic: {written:,} rows, all there with their last values"
    yield from _broken(outcome.rows)


def _broken(findings: Iterable[Finding]) -> Iterator[Line]:
    broken: Sequence[Finding] = [finding for finding in findings if not finding.holds]
    for finding in broken[:SHOWN]:
        yield False, f"  {finding.check}, {finding.subject}: {finding.detail}"
    if len(broken) > SHOWN:
        yield False, f"  … and {len(broken) - SHOWN:,} more"


def _traffic(outcome: Outcome) -> Iterator[Line]:
    load = outcome.load
    failed = len(load.failures)
    yield (
        not failed,
        (
            f"{words.count(failed, 'failed statement')} of {load.count:,} in "
            f"{words.duration(load.seconds)}"
        ),
    )
    for failure in load.failures[:SHOWN]:
        yield (
            False,
            f"  {failure.statement}: {failure.message} ({failure.sqlstate or 'no SQLSTATE'})",
        )
    yield None, f"  longest pause {words.duration(load.longest / 1000)} ({load.slowest})"
    slow = sorted(load.statements.items(), key=lambda item: -item[1].longest)[:5]
    rows = [
        (f"    {name}", f"{s.count:,}", *(f"{ms:.1f} ms" for ms in (s.median, s.p99, s.longest)))
        for name, s in slow
    ]
    head = ("    the five slowest", "count", "median", "p99", "longest")
    for line in words.columns([head, *rows], right=range(1, 5)):
        yield None, line


def _cost(outcome: Outcome) -> Iterator[Line]:
    for name, size in outcome.storage.items():
        what = name.removeprefix("storage_").removeprefix("of_").replace("_", " ")
        yield None, f"  storage added: {words.size(size)}, {what}"
    for name, seconds in outcome.seconds.items():
        yield None, f"  {words.duration(seconds)}, {name}"
    yield None, f"  {words.duration(sum(outcome.seconds.values()))} in all"
