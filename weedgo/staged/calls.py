"""What functions mention in bodies that PostgreSQL keeps as text: it knows no dependence of them.

Nothing is sure in such a text, so what is found here only decides an order that is free otherwise:
what a function calls is made before it and goes after it, wherever no real dependence stands
against that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from weedgo.staged.graph import components
from weedgo.staged.kinds.base import Context
from weedgo.staged.model import Catalog, Object, ObjectId

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
    if len(found) < 2:
        return
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
    _add_through(made, gone, place, arrows, ctx)


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
    if function is not None and names:
        yield from _among(function.id, _words(function["definition"]), names)


@lru_cache(maxsize=1 << 14)
def _words(definition: str) -> list[tuple[str, str]]:
    """What may be a name in the text of a function, each with its schema or without."""
    text = definition.partition("\nAS $")[2]
    return sorted((_folded(s), _folded(n)) for s, n in set(_MENTION.findall(text)))


def _among(
    function: ObjectId, words: Iterable[tuple[str, str]], names: Mapping[str, list[ObjectId]]
) -> Iterator[ObjectId]:
    for schema, name in words:
        for other in names.get(name, ()):
            if other != function and schema in ("", other.schema):
                yield other


def _add_through(
    made: Mapping[str, list[ObjectId]],
    gone: Mapping[str, list[ObjectId]],
    place: Mapping[ObjectId, int],
    arrows: _Arrows,
    ctx: Context,
) -> None:
    """The same for what comes or goes and runs a function, which calls others by their text."""
    soft: _Arrows = [{} for _ in arrows]
    for user, other in _through(made, ctx.after, place):
        soft[place[user]].setdefault(place[other], other)
    for user, other in _through(gone, ctx.before, place):
        soft[place[other]].setdefault(place[user], user)
    if any(soft):
        _joined(arrows, soft)


def _through(
    names: Mapping[str, list[ObjectId]],
    catalog: Catalog,
    place: Mapping[ObjectId, int],
) -> list[tuple[ObjectId, ObjectId]]:
    """What comes or goes, and what of the named it runs through functions that stay."""
    found: list[tuple[ObjectId, ObjectId]] = []
    for function, others in _callers(names, catalog, place).items():
        users = {function} if function in place else _users(function, catalog) & place.keys()
        found += [(u, o) for u in sorted(users) for o in sorted(others) if place[u] != place[o]]
    return found


def _callers(
    names: Mapping[str, list[ObjectId]], catalog: Catalog, place: Mapping[ObjectId, int]
) -> Mapping[ObjectId, set[ObjectId]]:
    """By function what of the named the functions mention that it calls and that stay.

    A function that stays has what its own text mentions, too; one that comes or goes has not.
    """
    if not names:
        return {}
    functions = [o for o in catalog if o.id.kind == "function"]
    words = {o.id: _words(o["definition"]) for o in functions}
    staying: dict[str, list[ObjectId]] = {}
    for function in functions:
        if function.id not in place:
            staying.setdefault(function.get("proname"), []).append(function.id)
    callers: dict[ObjectId, list[ObjectId]] = {}
    for id, said in words.items():
        for other in _among(id, said, staying):
            callers.setdefault(other, []).append(id)
    found = {id: set(_among(id, words[id], names)) for ids in staying.values() for id in ids}
    todo = [id for id, others in found.items() if others]
    while todo:
        called = todo.pop()
        for caller in callers.get(called, ()):
            known = found.setdefault(caller, set())
            if not found[called] <= known:
                known |= found[called]
                todo += [caller] if caller not in place else []
    return found


def _users(function: ObjectId, catalog: Catalog) -> set[ObjectId]:
    """Whatever may run a function: its dependents, and the columns of their domains."""
    found = {function}
    todo = [function]
    while todo:
        id = todo.pop()
        more = set(catalog.dependents.get(id, ()))
        if id.kind == "domain_constraint":
            more.add(ObjectId("domain", id.schema, id.parent))
        todo += more - found
        found |= more
    return found


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
