"""Values of composite types that are replaced, taken over attribute by attribute.

As a text, a value fits its type only while that has the same attributes in the same places.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from weedgo.staged.kinds.base import Context, comma, ident, name, render
from weedgo.staged.model import Object, ObjectId

_ARRAY = "[]"
_MADE = ("composite_type", "domain", "table")


@dataclass(frozen=True)
class Values:
    """How values go over to types that stand again under their names.

    Args:
        ctx: of the change; the types that it takes away are replaced.
        standing: a type that does not stand as it is to be, but as this.
        queries: whether an expression may have a query in it, which the elements of arrays need.
    """

    ctx: Context
    standing: Object | None = None
    queries: bool = False

    def of(self, held: str, type: str) -> str:
        """An expression of a type for a value of the old one; empty where it needs a query.

        Args:
            held: the expression that holds the value.
            type: as it is called, which is as the old one was called.
        """
        if self.fits(type):
            return f"{held}::text::{type}"
        if type.endswith(_ARRAY):
            return self._array(held, type) if self.queries else ""
        new = self._new(type)
        assert new is not None
        if new.id.kind == "domain":
            inner = self.of(held, new["type"])
            return inner and f"({inner})::{type}"
        return self._row(held, new, type)

    def fits(self, type: str) -> bool:
        """Whether the old values are the new one's, written as texts."""
        new = self._new(type.removesuffix(_ARRAY))
        before = self.ctx.before.get(new.id) if new else None
        if new is None or before is None:
            return True
        if new.id.kind == "domain":
            return self.fits(new["type"])
        attributes = _attributes(new)
        same = list(_attributes(before)) == list(attributes)
        return same and all(self.fits(kind) for kind in attributes.values())

    def _new(self, type: str) -> Object | None:
        """The type of a name, if it is replaced together with others."""
        found = (i for i in sorted(self.ctx.taken) if i.kind in ("composite_type", "domain"))
        id = next((i for i in found if _called(i) == type.replace('"', "")), None)
        if id is not None and self.standing is not None and self.standing.id == id:
            return self.standing
        return self.ctx.after.get(id) if id is not None else None

    def _array(self, held: str, type: str) -> str:
        place = f"n{held.count('[')}"  # another name than that of an array around it
        element = self.of(render("({})[{}]", held, place), type.removesuffix(_ARRAY))
        elements = render(
            "ARRAY(SELECT {} FROM pg_catalog.generate_subscripts({}, 1) {} ORDER BY {})",
            element, held, place, place,
        )  # fmt: skip
        return render("CASE WHEN {} IS NOT NULL THEN {} END", held, elements)

    def _row(self, held: str, new: Object, type: str) -> str:
        before = self.ctx.before.get(new.id)
        old = _attributes(before) if before else {}
        fields = []
        for attribute, kind in _attributes(new).items():
            place = render("({}).{}", held, ident(attribute))
            fields.append(self.of(place, kind) if attribute in old else "NULL")
        if not all(fields):
            return ""
        whole = render("ROW({})::{}", comma(fields), type)
        return render("CASE WHEN {} IS DISTINCT FROM NULL THEN {} END", held, whole)


@dataclass(frozen=True)
class Within:
    """Where values of a type are, also within arrays, domains, composite types and rows.

    Args:
        ctx: of the change; what stands before is looked at.
        sought: the type.
    """

    ctx: Context
    sought: ObjectId

    @cached_property
    def types(self) -> dict[str, ObjectId]:
        """The type and those that are made of it, by their names."""
        found, todo = {_called(self.sought): self.sought}, [self.sought]
        while todo:
            for id in map(_made, self.ctx.dependents(todo.pop())):
                if id.kind in _MADE and _called(id) not in found:
                    found[_called(id)] = id
                    todo.append(id)
        return found

    def where(self, held: str, type: str, test: str) -> str:
        """A condition: whether a value holds one that passes a test; empty where none can be.

        Args:
            held: the expression that holds the value.
            type: of it.
            test: with ``{}`` where the sought type's value goes.
        """
        if type.endswith(_ARRAY):
            return self._inside(held, type.removesuffix(_ARRAY), test)
        id = self.types.get(type.replace('"', ""))
        if id is None or id == self.sought:
            return render(test, held) if id else ""
        obj = self.ctx.before.objects[id]
        if id.kind == "domain":
            return self.where(held, obj["type"], test)
        attributes = _attributes(obj) if id.kind != "table" else self._columns(id)
        parts = (
            self.where(render("({}).{}", held, ident(attribute)), kind, test)
            for attribute, kind in attributes.items()
        )
        return " OR ".join(part for part in parts if part)

    def _columns(self, table: ObjectId) -> dict[str, str]:
        """What rows of a table hold."""
        return {c.id.name: c["type"] for c in self.ctx.of("column", table, before=True)}

    def _inside(self, held: str, element: str, test: str) -> str:
        id, place = self.types.get(element.replace('"', "")), f"n{held.count('[')}"
        if id == self.sought:
            text = "EXISTS (SELECT FROM pg_catalog.unnest({}) {} WHERE {})"
            return render(text, held, place, render(test, place))
        inner = self.where(render("({})[{}]", held, place), element, test)
        text = "EXISTS (SELECT FROM pg_catalog.generate_subscripts({}, 1) {} WHERE {})"
        return inner and render(text, held, place, inner)


def _made(id: ObjectId) -> ObjectId:
    """What is made of a type: for a column, the rows of its table."""
    return ObjectId("table", id.schema, id.parent) if id.kind == "column" else id


def _called(id: ObjectId) -> str:
    return render("{}", name(id)).replace('"', "")


def _attributes(obj: Object) -> dict[str, str]:
    return {a[0]: a[1] for a in obj["attributes"]}
