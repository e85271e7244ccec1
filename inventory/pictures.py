"""Pictures of stock that flows, as SVG that takes its colours from the page around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

STANDING, CAME, WENT = "#6b7280", "#16a34a", "#dc2626"
WIDTH, HEIGHT, TOP, BOTTOM = 960, 300, 24, 52


@dataclass(frozen=True)
class Bar:
    """A bar of the picture.

    Attributes:
        label: below it.
        low, high: in units.
        shown: above it.
        colour: of its body.
    """

    label: str
    low: int
    high: int
    shown: str
    colour: str


def bars(units: dict[str, int], labels: dict[str, str], additions: Sequence[str]) -> list[Bar]:
    """Return the bars from opening to closing, each beginning where the last one ended.

    Args:
        units: by flow, opening first and closing last.
        labels: what each is called.
        additions: the flows that add to the stock; the others between take from it.
    """
    found, level = [], 0
    for flow, count in units.items():
        if flow in ("opening", "closing"):
            level = count
            found.append(Bar(labels[flow], 0, count, f"{count:,}", STANDING))
            continue
        if not count:
            continue
        delta = count if flow in additions else -count
        low, high = sorted((level, level + delta))
        colour = CAME if delta > 0 else WENT
        found.append(Bar(labels[flow], low, high, f"{delta:+,}", colour))
        level += delta
    return found


def waterfall(found: Sequence[Bar], title: str) -> SafeString:
    """Draw bars one after the other, with lines that join their ends."""
    top = max((bar.high for bar in found), default=0) or 1
    low = min((bar.low for bar in found), default=0)
    low = min(low, 0)
    scale = (HEIGHT - TOP - BOTTOM) / (top - low)
    step = WIDTH / max(len(found), 1)
    drawn = format_html_join(
        "",
        '<g><title>{}: {}</title><rect x="{}" y="{}" width="{}" height="{}" rx="3" fill="{}"/>'
        '<text x="{}" y="{}" text-anchor="middle" font-weight="600">{}</text>{}</g>',
        (
            (
                bar.label, bar.shown, f"{n * step + step * 0.15:.1f}",
                f"{TOP + (top - bar.high) * scale:.1f}", f"{step * 0.7:.1f}",
                f"{max((bar.high - bar.low) * scale, 1.5):.1f}", bar.colour,
                f"{(n + 0.5) * step:.1f}", f"{TOP + (top - bar.high) * scale - 6:.1f}", bar.shown,
                _words(bar.label, (n + 0.5) * step),
            )
            for n, bar in enumerate(found)
        ),
    )  # fmt: skip
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" style="min-width: 640px; width: 100%"'
        ' fill="currentColor" font-size="12">{}</svg>',
        WIDTH, HEIGHT, title, drawn,
    )  # fmt: skip


def _words(label: str, x: float) -> SafeString:
    """A label below its bar, a word or two a line."""
    lines: list[str] = []
    for word in label.split():
        if lines and len(lines[-1]) + len(word) < 12:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (f"{x:.1f}", HEIGHT - BOTTOM + 16 + 14 * number, line)
            for number, line in enumerate(lines[:3])
        ),
    )


def lot_flow(units: dict[str, int]) -> SafeString:
    """Draw where the units of a lot are, from what came to what is left."""
    parts = [
        Bar("Received", 0, units["received"], f"{units['received']:,}", STANDING),
        Bar("Sold", 0, units["sold"], f"{units['sold']:,}", WENT),
        Bar("Destroyed, lost, sent back", 0, units["lost"], f"{units['lost']:,}", WENT),
        Bar("Reserved", 0, units["reserved"], f"{units['reserved']:,}", "#d97706"),
        Bar("On hand", 0, units["on_hand"], f"{units['on_hand']:,}", CAME),
    ]
    return waterfall(parts, "Where the units of the lot are")
