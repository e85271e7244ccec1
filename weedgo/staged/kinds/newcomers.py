"""A new column on rows that stand: whether what they would get in it is allowed there."""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds import notnull
from weedgo.staged.kinds.base import Context, raw, relation, render
from weedgo.staged.kinds.casts import volatile
from weedgo.staged.kinds.clauses import default_of, table_of
from weedgo.staged.model import Guard, Object, ObjectId


def guards(obj: Object, ctx: Context) -> tuple[Guard, ...]:
    """Rows that stand in a new column's way, counted before any lock.

    Args:
        obj: the column, as it is to be.
    """
    table = table_of(obj.id)
    if ctx.private(table) or table not in ctx.before or obj["identity"]:
        return ()
    if obj["generated"]:
        return (_computed(obj),) if obj["not_null"] else ()
    domains = list(_domains(obj.id, ctx))
    value = _value(obj, domains, ctx)
    if not value or value.startswith("NULL::"):
        if obj["not_null"] or any(d["not_null"] for d in domains):
            return _mandatory(obj, ctx)
        value = value or (f"NULL::{domains[-1]['type']}" if domains else "")
    if volatile(value):
        return ()
    return tuple(_unfit(obj, value, check) for d in domains for check in _checks(d, ctx))


def lent(obj: Object, ctx: Context) -> str:
    """On the way back, the default that a column's domain has again only later; or nothing."""
    if not ctx.backward or obj["identity"] or obj["generated"]:
        return ""
    if default_of(obj.id) in ctx.after:
        return ""
    domains = list(_domains(obj.id, ctx))
    value = _value(obj, domains, ctx)
    changes = (ctx.whole.get(d.id) for d in domains)
    later = any(c and c.before and c.before["default"] != value for c in changes)
    return value if later else ""


def _domains(id: ObjectId, ctx: Context) -> Iterator[Object]:
    """The domain that is a column's type, and those that it is made of."""
    obj = ctx.after.get(id)
    for need in sorted(ctx.after.needed(id)):
        domain = ctx.after.get(need) if need.kind == "domain" else None
        if domain is not None and obj is not None and not obj["type"].endswith("[]"):
            yield domain
            yield from _domains(need, ctx)


def _value(obj: Object, domains: list[Object], ctx: Context) -> str:
    """The default that rows get; empty for none."""
    default = ctx.after.get(default_of(obj.id))
    if default is not None:
        return str(default["expression"])
    return next((str(d["default"]) for d in domains if d["default"] is not None), "")


def _checks(domain: Object, ctx: Context) -> list[Object]:
    found = ctx.of("domain_constraint", domain.id)
    return [check for check in found if check["validated"] and check.get("expression")]


def given(id: ObjectId, ctx: Context) -> str:
    """What rows have in a column that comes to them, as an expression; empty if not one value."""
    obj = ctx.after.objects[id]
    if obj["identity"] or obj["generated"]:
        return ""
    value = _value(obj, list(_domains(id, ctx)), ctx) or "NULL"
    return "" if volatile(value) else f"({value})::{obj['type']}"


def _mandatory(obj: Object, ctx: Context) -> tuple[Guard, ...]:
    table = f"{obj.id.schema}.{obj.id.parent}"
    if ctx.backward:
        held = f"{obj.id.path} is mandatory and has no default, but {table} holds rows"
        query = render("SELECT count(*) FROM (SELECT FROM {} LIMIT 1) q", relation(obj.id))
        late = "add the column by hand, with values; --drop retire would have kept them"
        early = "--drop retire would keep its values"
        return (
            Guard(query, held, late, "23502"),
            Guard(query, held, early, "23502", beforehand=True),
        )
    remedy = "give the column a default in the source"
    if obj["not_null"]:
        line = notnull.backfill_line(obj.id, "…")
        remedy += f", or its rows values with --backfill FILE, in which stands: {line}"
    return (
        Guard(
            render("SELECT count(*) FROM {}", relation(obj.id)),
            f"{obj.id.path} is mandatory and has no default, but {table} holds {{count}} rows",
            remedy,
            "23502",
        ),
    )


def _computed(obj: Object) -> Guard:
    query = render(
        "SELECT count(*) FROM {} WHERE ({}) IS NULL", relation(obj.id), raw(obj["expression"])
    )
    return Guard(
        query,
        f"{obj.id.path} is to be NOT NULL, but its expression gives NULL for {{count}} rows",
        f"mend them first: {query}",
        "23502",
    )


def _unfit(obj: Object, value: str, check: Object) -> Guard:
    # Within a domain's check, VALUE is what a column of that name would be.
    query = render(
        "SELECT count(*) FROM (SELECT ({}) AS value FROM {}) d WHERE NOT ({})",
        raw(value), relation(obj.id), raw(check.get("expression")),
    )  # fmt: skip
    return Guard(
        query,
        f"what rows get in {obj.id.path} violates {check.id.name} of its type, and "
        f"{obj.id.schema}.{obj.id.parent} holds {{count}} rows",
        "give the column another default in the source",
        "23514",
    )
