"""Objects that are made of their rows only when somebody asks for them.

Most objects of two catalogs are equal, and of those nothing is needed but their number: it is
enough that their rows are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

from weedgo.staged.kinds.base import Address, Kind, compared
from weedgo.staged.model import Object, ObjectId

Values = tuple[Any, ...]


class Sheet:
    """The rows of a query each of which is one object.

    Args:
        kind: that reads them.
        names: of the query's columns.
        rows: their values.
    """

    def __init__(self, kind: Kind, names: tuple[str, ...], rows: Sequence[Values]) -> None:
        self.kind = kind
        self.names = names
        self._rows = rows

    @staticmethod
    def fits(kinds: Sequence[Kind], names: Sequence[str]) -> bool:
        """Whether each row of a query is one object, without facts about it."""
        plain = len(kinds) == 1 and type(kinds[0]).read is Kind.read
        return plain and not {"owner", "acl"} & set(names)

    @cached_property
    def ids(self) -> list[ObjectId]:
        """The objects' ids, in the order of the rows."""
        if type(self.kind).identify is not Kind.identify:
            return [self.kind.identify(dict(zip(self.names, r, strict=True))) for r in self._rows]
        kind, names = self.kind.name, self.names
        schema, name = names.index("schema"), names.index("name")
        if "parent" not in names:
            return [ObjectId(kind, row[schema], row[name]) for row in self._rows]
        parent = names.index("parent")
        return [ObjectId(kind, row[schema], row[name], row[parent]) for row in self._rows]

    def entries(self) -> Iterator[tuple[ObjectId, tuple[Sheet, Values]]]:
        """Each object's id, and what it can be made of."""
        return zip(self.ids, ((self, row) for row in self._rows), strict=True)

    def addresses(self) -> Iterator[tuple[Address, ObjectId]]:
        """Each object's address in the catalog."""
        oid = self.names.index("oid")
        subid = self.names.index("subid") if "subid" in self.names else None
        for id, row in zip(self.ids, self._rows, strict=True):
            yield (self.kind.classid, row[oid], 0 if subid is None else row[subid]), id

    def made(self, values: Values) -> Object:
        """The object of a row."""
        obj, _ = next(self.kind.read(dict(zip(self.names, values, strict=True))))
        return obj

    def equal(self, values: Values, other: Sheet, others: Values) -> bool:
        """Whether a row equals one of another sheet in all that is compared."""
        return self.names == other.names and self.essence(values) == other.essence(others)

    @cached_property
    def essence(self) -> Callable[[Values], Any]:
        """Picks from a row what is compared."""
        return itemgetter(*(self.names.index(name) for name in compared(self.names)))


class Objects(Mapping[ObjectId, Object]):
    """The objects of a catalog by their ids, each made when it is first asked for."""

    def __init__(
        self, held: Mapping[ObjectId, Object | tuple[Sheet, Values]] | None = None
    ) -> None:
        self._held = dict(held or {})

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[ObjectId]:
        return iter(self._held)

    def __contains__(self, id: object) -> bool:
        return id in self._held

    def __getitem__(self, id: ObjectId) -> Object:
        found = self._held[id]
        if isinstance(found, tuple):
            sheet, values = found
            found = self._held[id] = sheet.made(values)
        return found

    def add(self, obj: Object) -> None:
        """Take an object in; one of that id gives way."""
        self._held[obj.id] = obj

    def extend(self, sheet: Sheet) -> None:
        """Take all objects of a sheet in."""
        self._held.update(sheet.entries())

    def but(self, others: Mapping[ObjectId, Object]) -> Objects:
        """The same with other objects in the place of some."""
        return Objects({**self._held, **others})

    def alike(self, other: Objects) -> set[ObjectId]:
        """The objects that equal another catalog's, as far as rows not yet made into objects say.

        An object that is missing here may still be equal.
        """
        found = set()
        for id, mine in self._held.items():
            their = other._held.get(id)
            if type(mine) is type(their) is tuple and mine[0].equal(mine[1], *their):
                found.add(id)
        return found


def alike(a: Mapping[ObjectId, Object], b: Mapping[ObjectId, Object]) -> set[ObjectId]:
    """The objects whose rows say that they are equal in two catalogs; others may be equal too."""
    if isinstance(a, Objects) and isinstance(b, Objects):
        return a.alike(b)
    return set()


def replaced(
    objects: Mapping[ObjectId, Object], others: Mapping[ObjectId, Object]
) -> Mapping[ObjectId, Object]:
    """Objects with others in the place of some, none made of its row for that."""
    return objects.but(others) if isinstance(objects, Objects) else {**objects, **others}
