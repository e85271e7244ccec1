"""Enum types."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, comma, ident, literal, name, render, work
from weedgo.staged.kinds.types import CarriedKind, holders, in_use
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
        guards = tuple(_in_use(c, gone, obj) for c in holders(obj.id, ctx) if gone)
        return done.then(Work(guards=guards))

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
                render("ALTER TYPE {} ADD VALUE {}{}", name(after.id), literal(value), place)
            )
        # A new value can be used only once it is committed.
        return Work(tuple(Statement(text, transactional=False) for text in texts))


def _listed(values: list[str]) -> str:
    return comma([literal(v).as_string(None) for v in values])


def _in_use(column: Object, gone: list[str], obj: Object) -> Guard:
    held = ident(column.id.name).as_string(None)
    condition = render("{}::text IN ({})", held, _listed(gone))
    if column["type"].endswith("[]"):
        condition = render(
            "EXISTS (SELECT FROM pg_catalog.unnest({}) v WHERE v::text IN ({}))",
            held,
            _listed(gone),
        )
    table = f"{column.id.schema}.{column.id.parent}"
    return in_use(
        column,
        condition,
        f"{{count}} rows of {table} hold values in {column.id.name} that {obj.id.path} is to lose: "
        + ", ".join(gone),
        f"give {column.id.path} other values first where {condition}",
    )
