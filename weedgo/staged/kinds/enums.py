"""Enum types."""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds.base import Context, comma, ident, literal, name, render, work
from weedgo.staged.kinds.fields import Within
from weedgo.staged.kinds.labels import named
from weedgo.staged.kinds.types import CarriedKind, carried, in_use, leaves
from weedgo.staged.model import Guard, Object, Statement, Work


class EnumKind(CarriedKind):
    """``CREATE TYPE … AS ENUM``; values are added in place, removed with the type."""

    name = "enum"
    source = "enum"

    def make(self, obj: Object, ctx: Context) -> Work:
        return work(render("CREATE TYPE {} AS ENUM ({})", name(obj.id), _listed(obj["values"])))

    def create(self, obj: Object, ctx: Context) -> Work:
        done = super().create(obj, ctx)
        before = ctx.before.get(obj.id)
        if before is None or not self.replaced(obj.id, ctx):
            return done
        gone = [v for v in before["values"] if v not in obj["values"]]
        if not gone:
            return done
        refusal = named(gone, obj.id, ctx)
        return done.then(Work(guards=tuple(_guards(gone, obj, ctx)), refusal=refusal))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        old, new = before["values"], after["values"]
        if [v for v in new if v in old] != old:
            return Work(replace=True)
        texts = []
        for i, value in enumerate(new):
            if value in old:
                continue
            place = render(" AFTER {}", literal(new[i - 1])) if i else ""
            if not i and old:
                place = render(" BEFORE {}", literal(old[0]))
            texts.append(
                render(
                    "ALTER TYPE {} ADD VALUE IF NOT EXISTS {}{}",
                    name(after.id), literal(value), place,
                )
            )  # fmt: skip
        # A new value can be used only once it is committed. A script of these can be run again.
        return Work(tuple(Statement(text, transactional=False) for text in texts))


def _listed(values: list[str]) -> str:
    return comma([literal(v).as_string(None) for v in values])


def _guards(gone: list[str], obj: Object, ctx: Context) -> Iterator[Guard]:
    """Refuse while values that go are in use, however deep within others."""
    within = Within(ctx, obj.id)
    columns = {c.id: c for type in within.types.values() for c in carried(type, ctx)}
    test = f"{{}}::text IN ({_listed(gone).replace('{', '{{').replace('}', '}}')})"
    for id, column in sorted(columns.items()):
        if column.get("inherited") or leaves(column, obj.id, ctx):
            continue
        condition = within.where(ident(id.name).as_string(None), column["type"], test)
        if condition:
            yield _in_use(column, condition, gone, obj)


def _in_use(column: Object, condition: str, gone: list[str], obj: Object) -> Guard:
    table = f"{column.id.schema}.{column.id.parent}"
    return in_use(
        column,
        condition,
        f"{{count}} rows of {table} hold values in {column.id.name} that {obj.id.path} is to lose: "
        + ", ".join(gone),
        f"give {column.id.path} other values first where {condition}",
    )
