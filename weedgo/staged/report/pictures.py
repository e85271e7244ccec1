"""Pictures of a run as SVG, drawn here so that a page needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from weedgo.staged.report import words

# In units of the picture, which is scaled to the page's width.
WIDTH, LABEL, END, ROW = 1000, 190, 230, 26


@dataclass(frozen=True)
class Bar:
    """One span of time.

    Attributes:
        label: what took it.
        seconds: how long.
        note: said beside it.
        failed: how many of it were not done.
    """

    label: str
    seconds: float
    note: str = ""
    failed: int = 0


def timeline(bars: Sequence[Bar]) -> str:
    """Spans one after another, from left to right."""
    total = sum(bar.seconds for bar in bars)
    if not bars:
        return ""
    room = WIDTH - LABEL - END
    scale = room / total if total else 0.0
    at, lines = 0.0, []
    for row, bar in enumerate(bars):
        y = row * ROW
        x, width = LABEL + at * scale, max(bar.seconds * scale, 2.0)
        told = f"{words.duration(bar.seconds)}, {bar.note}" if total else bar.note
        if bar.failed:
            told += f", {bar.failed:,} not done"
        lines += [
            _text(0, y, bar.label),
            f'<rect class="{"bad" if bar.failed else "bar"}" x="{x:.1f}" y="{y + 5}"'
            f' width="{width:.1f}" height="{ROW - 10}" rx="3"/>',
            _text(LABEL + room + 12, y, told, soft=True),
        ]
        at += bar.seconds
    return _svg(len(bars) * ROW, lines, "How long each stage took")


def latencies(traffic: Mapping[str, Mapping[str, Any]], limit: float) -> str:
    """How long statements took, on a logarithmic scale.

    Args:
        traffic: by class of statement its median, p99 and longest in milliseconds.
        limit: in milliseconds; a line is drawn there.
    """
    names = sorted(traffic, key=lambda name: -float(traffic[name]["longest"]))
    most = max([limit, *(float(traffic[name]["longest"]) for name in names)])
    decades = max(math.ceil(math.log10(most * 10)), 1)
    room = WIDTH - LABEL - END

    def x(ms: float) -> float:
        return LABEL + room * min(max(math.log10(max(ms, 0.1) * 10), 0.0) / decades, 1.0)

    height = len(names) * ROW
    lines = [_rule(x(10.0**power), height, "rule") for power in range(-1, decades)]
    lines.append(_rule(x(limit), height, "limit"))
    for row, name in enumerate(names):
        lines += _latency(row * ROW, name, traffic[name], x)
    lines += [
        _text(x(10.0**power) - 14, height, words.duration(10.0**power / 1000), soft=True)
        for power in range(decades)
    ]
    return _svg(height + ROW, lines, "How long statements took while the run went on")


def _latency(y: int, name: str, times: Mapping[str, Any], x: Any) -> list[str]:
    median, p99, longest = (float(times[key]) for key in ("median", "p99", "longest"))
    told = f"{words.duration(longest / 1000)} of {int(times['count']):,}"
    return [
        _text(0, y, name),
        f'<rect class="bar" x="{x(median):.1f}" y="{y + 8}"'
        f' width="{max(x(p99) - x(median), 2.0):.1f}" height="{ROW - 16}" rx="3"/>',
        f'<circle class="far" cx="{x(longest):.1f}" cy="{y + ROW / 2}" r="4"/>',
        _text(WIDTH - END + 12, y, told, soft=True),
    ]


def _rule(x: float, height: int, kind: str) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height}"/>'


def _text(x: float, y: float, text: str, *, soft: bool = False) -> str:
    kind = ' class="soft"' if soft else ""
    return f'<text{kind} x="{x:.1f}" y="{y + ROW * 0.68:.1f}">{escape(text)}</text>'


def _svg(height: int, lines: Sequence[str], title: str) -> str:
    body = "\n".join(lines)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>\n{body}\n</svg>"
    )
