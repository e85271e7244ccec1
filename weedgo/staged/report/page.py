"""The report of a run as one page of HTML that opens from disk: no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from weedgo.staged.model import Options, Report, Result, Stage, Status
from weedgo.staged.report import outcome, pictures, words

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
# What was not done is told in full; of what was done so many steps, the longest first.
LONGEST = 25
OPEN = (Status.FAILED, Status.REFUSED, Status.WAITING)


def page(report: Report, options: Options) -> str:
    """``report.html``: what was done, when, for how long, under which locks, and what was not.

    Args:
        report: of the run; its fact ``traffic`` holds by class of statement the count and the
            ``median``, ``p99`` and ``longest`` in milliseconds, where traffic was measured.
        options: what was asked for.
    """
    found = outcome.results(report)
    title = f"Migration {report.run}" if report.run else "Migration"
    parts = [
        f"<h1>{escape(outcome.headline(report))}</h1>",
        _origin(report),
        _cards(report),
        _section("What was not done", _open(found)),
        _section("Stages", pictures.timeline(_stages(found))),
        _section("Objects", _counts(report)),
        _section("Traffic meanwhile", _traffic(report, options)),
        _section("Locks on tables in use", _locks(report)),
        _section("Steps and their SQL", _steps(found)),
    ]
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(filter(None, parts))
        + "\n</body>\n</html>\n"
    )


def _section(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>\n<section>\n{body}\n</section>" if body else ""


def _origin(report: Report) -> str:
    source, target = (escape(words.redact(x)) for x in (report.source, report.target))
    remark = f"<p>{escape(outcome.remark(report))}</p>" if outcome.remark(report) else ""
    return (
        f'<p class="soft">Run <code>{escape(report.run or "none")}</code>: from '
        f"<code>{source}</code> to <code>{target}</code></p>{remark}"
    )


def _cards(report: Report) -> str:
    cards = [("took", words.duration(report.seconds))]
    if report.parity is not None:
        cards.append(("alike afterwards", f"{report.parity.percent:.1f} %"))
    found = outcome.results(report)
    for name, statuses in (("objects done", (Status.DONE,)), ("not done", OPEN)):
        cards.append((name, f"{outcome.objects(outcome.having(found, *statuses)):,}"))
    traffic = _traffic_of(report)
    if traffic:
        longest = max(float(x["longest"]) for x in traffic.values())
        cards.append(("longest statement beside it", words.duration(longest / 1000)))
    body = "".join(
        f'<div class="card"><b>{escape(value)}</b><span class="soft">{escape(name)}</span></div>'
        for name, value in cards
    )
    return f'<div class="cards">{body}</div>'


def _open(found: Sequence[Result]) -> str:
    rows = [
        (
            f'<span class="{result.status}">{escape(str(result.status))}</span>',
            f"<code>{escape(result.step.id)}</code>",
            f"<code>{escape(result.sqlstate)}</code>" if result.sqlstate else "",
            _told(result),
        )
        for result in outcome.having(found, *OPEN)
    ]
    return _table(("", "step", "SQLSTATE", "why, and what helps"), rows) if rows else ""


def _told(result: Result) -> str:
    message = escape(words.redact(result.message or result.step.refusal))
    return (
        f"{message}<br><b>{escape(words.redact(result.remedy))}</b>" if result.remedy else message
    )


def _stages(found: Sequence[Result]) -> list[pictures.Bar]:
    """For each stage with steps how long they took and how many of them failed."""
    bars = []
    for stage in Stage:
        own = [result for result in found if result.step.stage == stage]
        if own:
            objects = outcome.objects(own)
            failed = len(outcome.having(own, *OPEN))
            label = f"{stage.value} {stage.name.lower()}"
            bars.append(
                pictures.Bar(
                    label, sum(r.elapsed for r in own), words.count(objects, "object"), failed
                )
            )
    return bars


def _counts(report: Report) -> str:
    names = ("planned", "done", "failed", "waiting", "skipped")
    rows = [
        (escape(label), *(f"{getattr(tally, name):,}" for name in names))
        for label, tally in report.counts.items()
    ]
    return _table(("", *names), rows, numbers=range(1, 6)) if rows else ""


def _traffic_of(report: Report) -> Mapping[str, Mapping[str, Any]]:
    traffic: Mapping[str, Mapping[str, Any]] = report.facts.get("traffic") or {}
    return {name: times for name, times in traffic.items() if times["count"]}


def _traffic(report: Report, options: Options) -> str:
    traffic = _traffic_of(report)
    if not traffic:
        return ""
    limit = options.lock_timeout * 1000
    return pictures.latencies(traffic, limit) + (
        '<p class="soft">Bars from the median to the slowest hundredth, a dot for the longest; '
        f"dashed: lock_timeout ({words.duration(limit / 1000)}).</p>"
    )


def _locks(report: Report) -> str:
    rows = [
        (
            f"<code>{escape(path)}</code>", escape(use.lock), f"{use.statements:,}",
            escape(use.scans), escape(use.rewrites),
        )
        for path, use in outcome.locked(report).items()
    ]  # fmt: skip
    head = ("table", "strongest lock", "statements", "read whole under", "written whole under")
    return _table(head, rows, numbers=(2,)) if rows else ""


def _steps(found: Sequence[Result]) -> str:
    shown = sorted(found, key=lambda result: (result.status not in OPEN, -result.elapsed))
    rest = len(shown) - LONGEST
    lines = [_step(result) for result in shown[: max(LONGEST, len(outcome.having(found, *OPEN)))]]
    if rest > 0:
        lines.append(
            f'<p class="soft">and {rest:,} more, shorter ones: their SQL is in the stage files '
            "beside this page.</p>"
        )
    return "\n".join(lines)


def _step(result: Result) -> str:
    sql = "\n".join(f"{statement.sql.rstrip(';')};" for statement in result.step.statements)
    hazards = "".join(f"<li>{escape(hazard)}</li>" for hazard in result.step.hazards)
    return (
        f'<details><summary><b class="{result.status}">{escape(str(result.status))}</b> '
        f"<code>{escape(result.step.id)}</code><span>{words.duration(result.elapsed)}</span>"
        f"</summary><pre>{escape(words.redact(sql))}</pre>"
        + (f"<ul>{hazards}</ul>" if hazards else "")
        + "</details>"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()) -> str:
    """A table of cells that are HTML already."""
    right = set(numbers)

    def cells(tag: str, values: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{' class=n' if place in right else ''}>{value}</{tag}>"
            for place, value in enumerate(values)
        )

    body = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table>\n<tr>{cells('th', [escape(x) for x in head])}</tr>\n{body}\n</table>"
