"""A comparison in words: what only one side has, and what differs in which attributes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from weedgo.staged.model import Change, Difference, ObjectId
from weedgo.staged.report import document, words

TITLES = {
    "source": "Only in the source",
    "target": "Only in the target",
    "both": "Different",
}
INDENT = "    "


def report(difference: Difference, source: str, target: str) -> str:
    """The comparison as text: the totals by kind, then every object."""
    lines = [
        "Schema comparison",
        "",
        f"source  {words.redact(source)}",
        f"target  {words.redact(target)}",
        "",
        *totals(difference),
    ]
    sides = by_side(difference)
    for side, title in TITLES.items():
        lines += _section(f"{title} ({len(sides[side]):,})", sides[side])
    lines += _named(
        f"Not modelled ({len(difference.unmodelled):,})",
        [(u.kind.replace("_", " "), u.path) for u in difference.unmodelled],
        "Of kinds that are not compared: look at these by hand.",
    )
    lines += _named(
        f"Not verified ({len(difference.unverified):,})",
        [(words.kind(id), id.path) for id in difference.unverified],
        "Definitions that two server versions print differently, taken as equal. "
        "With --scratch-url the target's own parser decides.",
    )
    return "\n".join(lines).rstrip("\n") + "\n"


def by_side(difference: Difference) -> dict[str, list[tuple[ObjectId, Change | None]]]:
    """The objects that are not alike, by where they stand."""
    sides: dict[str, list[tuple[ObjectId, Change | None]]] = {side: [] for side in TITLES}
    for change in difference.changes:
        sides[document.side(change)].append((change.id, change))
    for kept in difference.kept:
        sides["target"].append((kept.id, None))
    return sides


def totals(difference: Difference) -> list[str]:
    """A table with one line for every kind that is not alike on both sides, and a verdict."""
    tallies: dict[str, dict[str, int]] = {}
    for side, found in by_side(difference).items():
        for id, _ in found:
            tallies.setdefault(words.kind(id), dict.fromkeys(TITLES, 0))[side] += 1
    rows = [["", "only source", "only target", "different"]]
    for kind in sorted(tallies):
        rows.append([kind, *(f"{tallies[kind][side]:,}" for side in TITLES)])
    lines = words.columns(rows, right=(1, 2, 3)) if tallies else []
    return [*lines, *([""] if lines else []), verdict(difference)]


def verdict(difference: Difference) -> str:
    """The comparison in one line."""
    unlike = len(difference.changes) + len(difference.kept)
    extra = len(difference.unmodelled)
    equal = f"{words.count(difference.equal, 'object')} alike"
    if not unlike and not extra:
        return f"Equal: {equal}."
    parts = [f"{words.count(unlike, 'object')} not alike", equal]
    if extra:
        parts.append(f"{extra:,} of kinds that are not modelled")
    return f"Different: {', '.join(parts)}."


def _section(title: str, found: Sequence[tuple[ObjectId, Change | None]]) -> list[str]:
    if not found:
        return []
    lines = ["", title, "=" * len(title)]
    kinds: dict[str, list[tuple[ObjectId, Change | None]]] = {}
    for id, change in found:
        kinds.setdefault(words.kind(id), []).append((id, change))
    for kind in sorted(kinds):
        lines += ["", f"  {kind} ({len(kinds[kind]):,})"]
        for id, change in sorted(kinds[kind], key=lambda pair: pair[0].path):
            lines.append(f"{INDENT}{words.line(id.path)}")
            lines += _attributes(change)
    return lines


def _attributes(change: Change | None) -> Iterable[str]:
    if change is not None and change.before is not None and change.after is not None:
        for name in change.attributes:
            yield from _attribute(change, name)


def _attribute(change: Change, name: str) -> Iterable[str]:
    target, source = words.value(change.before, name), words.value(change.after, name)
    label = name.replace("_", " ")
    if len(source) + len(target) <= 60:
        yield f"{INDENT * 2}{label}: source {source}, target {target}"
        return
    yield f"{INDENT * 2}{label}:"
    yield f"{INDENT * 3}source  {source}"
    yield f"{INDENT * 3}target  {target}"


def _named(title: str, rows: Sequence[tuple[str, str]], why: str) -> list[str]:
    if not rows:
        return []
    named = [f"{INDENT}{row}" for row in words.columns(sorted(rows))]
    return ["", title, "=" * len(title), why, "", *named]
