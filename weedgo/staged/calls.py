"""What functions mention in bodies that PostgreSQL keeps as text: it knows no dependence of them.

Nothing is sure in such a text, so what is found here only decides an order that is free otherwise:
what a function calls is made before it and goes after it, wherever no real dependence stands
against that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from weedgo.staged.graph import components
from weedgo.staged.kinds.base import Context
from weedgo.staged.model import Object, ObjectId

if TYPE_CHECKING:
    from weedgo.staged.groups import Group

_WORD = r'"(?:[^"]|"")+"|[^\W\d][\w$]*'
_MENTION = re.compile(rf"(?:({_WORD})\s*\.\s*)?({_WORD})")
_RELATIONS = ("table", "view", "materialized_view", "foreign_table", "sequence")
_ROUTINES = ("function", "aggregate")
_Arrows = list[dict[int, ObjectId]]


def add(found: list[Group], place: Mapping[ObjectId, int], arrows: _Arrows, ctx: Context) -> None:
    """Put the order that functions' texts suggest into the graph of groups, without a new cycle.

    Args:
        found: the groups.
        place: by object the number of its group.
        arrows: for each group those that must run before it, and for which object.
    """
    soft: _Arrows = [{} for _ in found]
    made, gone = _named(found, ctx, made=True), _named(found, ctx, made=False)
    for number, group in enumerate(found):
        for id in group.changes:
            if id.kind != "function":
                continue
            for other in _mentioned(ctx.after.get(id), made):
                soft[number].setdefault(place[other], other)
            for other in _mentioned(ctx.before.get(id), gone):
                soft[place[other]].setdefault(number, id)
    if any(soft):
        _joined(arrows, soft)


def _named(found: list[Group], ctx: Context, *, made: bool) -> Mapping[str, list[ObjectId]]:
    """What comes or changes (or else goes) and can be mentioned, by its name without its schema."""
    names: dict[str, list[ObjectId]] = {}
    for group in found:
        for id in group.changes:
            obj = (ctx.after if made else ctx.before).get(id)
            if obj is None or (not made and id in ctx.after):
                continue
            if id.kind in _ROUTINES:
                names.setdefault(obj.get("proname") or id.name.partition("(")[0], []).append(id)
            elif id.kind in _RELATIONS:
                names.setdefault(id.name, []).append(id)
    return names


def _mentioned(function: Object | None, names: Mapping[str, list[ObjectId]]) -> Iterator[ObjectId]:
    """Which of the named objects the text of a function mentions."""
    if function is None or not names:
        return
    text = str(function["definition"]).partition("\nAS $")[2]
    seen = set(_MENTION.findall(text))
    for schema, name in sorted((_folded(s), _folded(n)) for s, n in seen):
        for other in names.get(name, ()):
            if other != function.id and schema in ("", other.schema):
                yield other


def _folded(word: str) -> str:
    return word[1:-1].replace('""', '"') if word.startswith('"') else word.lower()


def _joined(arrows: _Arrows, soft: _Arrows) -> None:
    """Add soft arrows to the graph, but those that would close a cycle."""
    whole = [{**more, **arrow} for arrow, more in zip(arrows, soft, strict=True)]
    circle: dict[int, int] = {}
    for number, members in enumerate(components(len(whole), whole)):
        circle.update(dict.fromkeys(members, number))
    for number, more in enumerate(soft):
        for other, id in more.items():
            if circle[number] != circle[other]:
                arrows[number].setdefault(other, id)
