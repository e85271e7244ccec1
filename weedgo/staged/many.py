"""One wanted schema for many: a template under a name of its own, the same under other names."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from weedgo.staged import diff, planning
from weedgo.staged.declared import Declared, settled
from weedgo.staged.model import Catalog, Object, ObjectId, Options


def sliced(catalog: Catalog, schemas: Collection[str]) -> Catalog:
    """What of a catalog is in some schemas; the schemas themselves are part of it.

    Args:
        catalog: as read from a whole database.
        schemas: names of schemas.
    """
    objects = {id: obj for id, obj in catalog.objects.items() if schema_of(id) in schemas}
    return replace(
        catalog,
        objects=objects,
        relate=lambda: {id: needs for id, needs in catalog.needs.items() if id in objects},
    )


def schema_of(id: ObjectId) -> str:
    """The schema that an object is in, or is, or is a fact about; empty for none."""
    return id.schema or (id.name if "schema" in (id.kind, id.target) else "")


def renamed(catalog: Catalog, schema: str, name: str, printed: str) -> Catalog:
    """The same catalog with a schema of another name, in ids and in definitions.

    Args:
        catalog: of a schema whose name occurs in its definitions as nothing else.
        schema: that name, which needs no quotes.
        name: the new one.
        printed: the new one as the server prints it in definitions, with quotes where it needs
            them (``quote_ident``).
    """
    change = renamer(schema, name, printed)
    objects = (Object(change(obj.id), change(obj.attrs), change(obj.info)) for obj in catalog)
    return replace(
        catalog,
        objects={obj.id: obj for obj in objects},
        sharded=change(catalog.sharded),
        relate=lambda: {
            change(id): frozenset(map(change, needs)) for id, needs in catalog.needs.items()
        },
    )


def renamer(schema: str, name: str, printed: str) -> Callable[[Any], Any]:
    """A function that puts one schema's name in another's place, in whatever a catalog holds."""
    word = re.compile(rf"\b{re.escape(schema)}\b")

    def change(value: Any) -> Any:
        if isinstance(value, str):
            if value == schema:
                return name
            return word.sub(lambda _: printed, value) if schema in value else value
        if isinstance(value, ObjectId):
            return ObjectId(*map(change, value))
        if isinstance(value, Mapping):
            return {key: change(held) for key, held in value.items()}
        if isinstance(value, list | tuple | frozenset):
            return type(value)(map(change, value))
        return value

    return change


class Copies:
    """A value of which there is one for each of many schemas.

    Args:
        value: dataclasses, mappings, sequences, ids and texts in each other.
        schema: the name in it that others stand for; it needs no quotes.
    """

    def __init__(self, value: Any, schema: str) -> None:
        self._value, self._schema = value, schema
        self._held: set[int] = set()
        self._find(value)

    def under(self, name: str, printed: str) -> Any:
        """The value with another schema's name; see `renamed`."""
        return self._copied(self._value, renamer(self._schema, name, printed))

    def _find(self, value: Any) -> bool:
        """Note all parts in which the name occurs: the others are the same in all copies."""
        if isinstance(value, str):
            held = self._schema in value
        else:
            held = max(map(self._find, _parts(value)), default=False)
        if held:
            self._held.add(id(value))
        return held

    def _copied(self, value: Any, change: Callable[[Any], Any]) -> Any:
        if id(value) not in self._held:
            return value
        if isinstance(value, str):
            return change(value)
        parts = [self._copied(part, change) for part in _parts(value)]
        if isinstance(value, ObjectId):
            return ObjectId(*parts)
        if isinstance(value, Mapping):
            return dict(zip(value, parts, strict=True))
        if is_dataclass(value):
            names = (f.name for f in fields(value))
            made: Any = type(value)
            return made(**dict(zip(names, parts, strict=True)))
        return type(value)(parts)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, list | tuple | frozenset):
        return value
    if is_dataclass(value):
        return [getattr(value, f.name) for f in fields(value)]
    return ()


def added(catalog: Catalog, facts: Mapping[ObjectId, Object]) -> Catalog:
    """A catalog with more facts about objects that it has."""
    return replace(
        catalog,
        objects={**catalog.objects, **facts},
        relate=lambda: {**catalog.needs, **{id: frozenset({id.of}) for id in facts}},
    )


def script(catalog: Catalog) -> str:
    """All that makes a catalog's objects where none of them stands, as one message.

    Owners and grants to roles are whoever sends it and whatever is the default there; what a
    migration took from everybody is taken.
    """
    nothing = replace(catalog, objects={}, relate=dict)
    declared = settled(Declared("", catalog), nothing)
    options = Options(owners=False)
    plan = planning.make(declared, nothing, diff.compare(declared, nothing, options), options)
    return ";\n".join(s.sent for step in plan.steps for s in step.statements)


def joined(catalogs: Iterable[Catalog]) -> Catalog:
    """Catalogs of different schemas of one server as one catalog.

    Raises:
        ValueError: there are none.
    """
    found = tuple(catalogs)
    if not found:
        raise ValueError("no catalogs to join")
    return replace(
        found[0],
        objects={id: obj for catalog in found for id, obj in catalog.objects.items()},
        relate=lambda: {id: needs for catalog in found for id, needs in catalog.needs.items()},
        unmodelled=tuple(dict.fromkeys(u for catalog in found for u in catalog.unmodelled)),
        sharded=frozenset().union(*(catalog.sharded for catalog in found)),
    )
