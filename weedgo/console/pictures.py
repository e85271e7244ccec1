"""Small pictures of the console, as SVG that takes its text colour from the page around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

GOOD, BAD, WARN, PLAIN, FAINT = "#16a34a", "#dc2626", "#d97706", "#3b82f6", "#9ca3af"
WIDTH, HEIGHT = 240, 48
# The timeline of stages: a row for each, with room for words on both sides.
LINE, ROW, LABEL, NOTE = 900, 28, 150, 210


@dataclass(frozen=True)
class Part:
    """A part of a whole: how much, in which colour, and what it is."""

    size: float
    colour: str
    label: str


def bars(values: Sequence[int], bad: Sequence[int], label: str) -> SafeString:
    """Draw values over time, what of them is bad in red at the foot.

    Args:
        values: of each span of time, the oldest first.
        bad: the part of each that is bad; empty for none.
        label: what the picture says, for who does not see it.
    """
    most = max([*values, 1])
    step = WIDTH / max(len(values), 1)
    pieces = []
    for place, value in enumerate(values):
        wrong = min(bad[place] if place < len(bad) else 0, value)
        tall, low = (HEIGHT - 2) * value / most, (HEIGHT - 2) * wrong / most
        x, width = place * step + step * 0.1, step * 0.8
        if value > wrong:
            pieces.append((x, HEIGHT - tall, width, tall - low, PLAIN))
        if wrong:
            pieces.append((x, HEIGHT - low, width, max(low, 1.5), BAD))
    floor = format_html('<rect x="0" y="{}" width="{}" height="1" fill="{}"/>',
                        HEIGHT - 1, WIDTH, FAINT)  # fmt: skip
    return _svg(WIDTH, HEIGHT, label, floor + _rects(pieces))


def split(parts: Sequence[Part], label: str) -> SafeString:
    """Draw parts of a whole as one bar."""
    total = sum(part.size for part in parts) or 1
    at, pieces = 0.0, []
    for part in parts:
        width = WIDTH * part.size / total
        if part.size:
            pieces.append((at, 14, max(width - 1, 1.5), 20, part.colour))
        at += width
    if not pieces:
        pieces = [(0, 14, WIDTH, 20, FAINT)]
    return _svg(WIDTH, HEIGHT, label, _rects(pieces))


def dots(parts: Sequence[Part], label: str, limit: int = 60) -> SafeString:
    """Draw a dot for each of a number of things, and say how many more there are than fit."""
    total = sum(int(part.size) for part in parts)
    # What is written in place of the last dots takes the room of four.
    fitting = limit if total <= limit else limit - 4
    pieces = [part.colour for part in parts for _ in range(min(int(part.size), limit))][:fitting]
    step, per_row = 12, WIDTH // 12
    drawn = format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="4.5" fill="{}"/>',
        (
            (6 + step * (place % per_row), 10 + 14 * (place // per_row), colour)
            for place, colour in enumerate(pieces)
        ),
    )
    if total > fitting:
        more = format_html(
            '<text text-anchor="end" x="{}" y="{}">+{}</text>',
            WIDTH, HEIGHT - 6, f"{total - fitting:,}",
        )  # fmt: skip
        drawn = drawn + more
    return _svg(WIDTH, HEIGHT, label, drawn)


@dataclass(frozen=True)
class Span:
    """A row of a timeline: a name, start and end in seconds, what is said, whether it failed."""

    name: str
    start: float
    end: float
    note: str
    bad: bool = False


def timeline(spans: Sequence[Span], label: str) -> SafeString:
    """Draw spans of time below each other, each where it was."""
    total = max((span.end for span in spans), default=0) or 1
    scale = (LINE - LABEL - NOTE) / total
    rows = format_html_join(
        "",
        '<g><text x="0" y="{}">{}</text><rect x="{}" y="{}" width="{}" height="{}" rx="3"'
        ' fill="{}"/><text x="{}" y="{}" opacity="0.75">{}</text></g>',
        (
            (
                row * ROW + 18, span.name, f"{LABEL + span.start * scale:.1f}", row * ROW + 6,
                f"{max((span.end - span.start) * scale, 3):.1f}", ROW - 12,
                BAD if span.bad else PLAIN, LINE - NOTE + 12, row * ROW + 18, span.note,
            )
            for row, span in enumerate(spans)
        ),
    )  # fmt: skip
    return _svg(LINE, len(spans) * ROW, label, rows, least=640)


def _rects(pieces: Sequence[tuple[float, float, float, float, str]]) -> SafeString:
    return format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" rx="1.5" fill="{}"/>',
        ((f"{x:.1f}", f"{y:.1f}", f"{w:.1f}", f"{h:.1f}", c) for x, y, w, h, c in pieces),
    )


def _svg(width: int, height: int, label: str, body: SafeString, least: int = 0) -> SafeString:
    style = f"width: 100%; min-width: {least}px" if least else "width: 100%; max-width: 320px"
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" style="{}" fill="currentColor"'
        ' font-size="13"><title>{}</title>{}</svg>',
        width, height, label, style, label, body or mark_safe(""),
    )  # fmt: skip
