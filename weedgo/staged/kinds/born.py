"""What a new table is born with: its columns, and what CREATE TABLE has no words for."""

from __future__ import annotations

from dataclasses import replace

from weedgo.staged.kinds import conflicts, retirement, returning
from weedgo.staged.kinds.base import (
    Context,
    attachment,
    comma,
    ident,
    name,
    raw,
    relation,
    render,
    work,
)
from weedgo.staged.kinds.clauses import clause, details
from weedgo.staged.kinds.notnull import called
from weedgo.staged.kinds.options import settings
from weedgo.staged.model import Object, ObjectId, Statement, Work


def table(obj: Object, ctx: Context, *, named: bool = False) -> Work:
    """CREATE TABLE. A partition is made as a table of its own, to be attached when it is ready.

    Args:
        named: each NOT NULL under its name, which another table of the schema may have too.
    """
    columns = _standing(obj, ctx, named=named)
    own = [c for c in columns if c.get("local") or obj.get("bound")]
    checks = _checks(obj, ctx)
    lines = [_line(c, obj, ctx, named=named) for c in own]
    lines += [line for c in columns if c not in own for line in _mandatory(c, ctx)]
    lines += [c for c in checks if not _unchecked(c)]
    inside = ",\n    ".join(lines)
    body = f"(\n    {inside}\n)" if lines else "()"
    parts = [
        render("CREATE {}TABLE {}", "UNLOGGED " * (obj["persistence"] == "u"), name(obj.id)),
        raw(body).as_string(None),
    ]
    if obj["parents"]:
        parts.append(f"INHERITS ({comma(obj['parents'])})")
    if obj["partition_key"]:
        parts.append(f"PARTITION BY {obj['partition_key']}")
    method = obj["access_method"]
    if method and (method != "heap" or obj["partition_key"]):
        parts.append(render("USING {}", ident(method)))
    if options := obj["options"] + obj["toast_options"]:
        parts.append(f"WITH ({settings(options)})")
    done = conflicts.settled(obj, Work((Statement(" ".join(parts)),)), ctx)
    if obj["of_type"]:
        done = done.then(work(render("ALTER TABLE {} OF {}", name(obj.id), obj["of_type"])))
    # CREATE TABLE would take them for valid.
    for check in filter(_unchecked, checks):
        done = done.then(work(render("ALTER TABLE {} ADD {}", name(obj.id), raw(check))))
    for column in columns:
        if column not in own:
            done = done.then(_overridden(column, ctx))
        done = done.then(details(column, ctx))
    return done


def _standing(obj: Object, ctx: Context, *, named: bool) -> list[Object]:
    """The columns that a table has at that moment, with what is retired of the one before it."""
    columns = [_bound(c, obj, ctx) for c in columns_of(obj.id, ctx)]
    if not named:
        return returning.columns(obj.id, columns, ctx)
    return columns if ctx.backward else [*columns, *(new for _, new in retired(obj.id, ctx))]


def columns_of(id: ObjectId, ctx: Context) -> list[Object]:
    """A table's columns, with those that it, or what it becomes a partition of, keeps."""
    own = ctx.staying("column", id)
    link = ctx.after.get(attachment(id))
    if link is None or ctx.backward:
        return own
    names = {column.id.name for column in own}
    whole = ObjectId("table", *link["of"])
    above = [*columns_of(whole, ctx), *_renamed(whole, ctx)]
    missing = (c for c in above if c.id not in ctx.after and c.id.name not in names)
    return [*own, *(_moved_down(c, id) for c in missing)]


def retired(table: ObjectId, ctx: Context) -> list[tuple[Object, Object]]:
    """A standing table's columns that are retired: as they were, and under their new names."""
    found = []
    for column in ctx.of("column", table, before=True):
        change = ctx.changes.get(column.id)
        if change is not None and change.aside and column.id in ctx.retired:
            anew = {"not_null": False, "identity": "", "identity_sequence": None}
            id = column.id._replace(name=ctx.retired[column.id][0][1])
            found.append((column, Object(id, {**column.attrs, **anew}, column.info)))
    return found


def _renamed(table: ObjectId, ctx: Context) -> list[Object]:
    """The same of a table that is not made anew: mandatory as long as their defaults are theirs."""
    found = []
    for before, after in retired(table, ctx):
        bound = before["not_null"] and not retirement.mandatory(before, ctx)
        found.append(replace(after, attrs={**after.attrs, "not_null": bound}))
    return found


def _moved_down(column: Object, partition: ObjectId) -> Object:
    id = column.id._replace(schema=partition.schema, parent=partition.name)
    return Object(id, column.attrs, column.info)


def _line(column: Object, obj: Object, ctx: Context, *, named: bool) -> str:
    """The column's clause; where parents may differ over its default, it has one for the moment."""
    text = clause(column, ctx, named=named)
    computed = column["generated"] or column["identity"]
    if len(obj["parents"]) < 2 or computed or " DEFAULT " in text:
        return text
    return f"{text} DEFAULT NULL"


def _bound(column: Object, obj: Object, ctx: Context) -> Object:
    """A partition's column on the way back: NOT NULL as long as the whole table's is."""
    if not ctx.backward or not obj.get("bound") or column["not_null"]:
        return column
    for schema, above in obj.get("ancestors") or ():
        whole = column.id._replace(schema=schema, parent=above)
        change = None if whole in ctx.changes else ctx.whole.get(whole)
        if change and change.before and change.before["not_null"] and change.after:
            return Object(column.id, {**column.attrs, "not_null": True}, column.info)
    return column


def _checks(obj: Object, ctx: Context) -> list[str]:
    """Checks that a partition must have before it is attached."""
    fact = ctx.after.get(attachment(obj.id))
    found = list((fact.get("constraints") or []) if fact else [])
    found = returning.checks(obj.id, found, ctx) + _kept_checks(obj.id, ctx)
    return [
        render("CONSTRAINT {} {}", ident(check), raw(text))
        for check, kind, text in found
        if kind == "c"
    ]


def _kept_checks(id: ObjectId, ctx: Context) -> list[list[str]]:
    """Those of what a table becomes a partition of that only the target has, and keeps."""
    link = ctx.after.get(attachment(id))
    if link is None or ctx.backward:
        return []
    above = ObjectId("table", *link["of"])
    checks = (c for c in ctx.staying("constraint", above) if c.id not in ctx.after)
    own = [[c.id.name, "c", c["definition"]] for c in checks if c["type"] == "c"]
    return own + _kept_checks(above, ctx)


def _unchecked(check: str) -> bool:
    return check.endswith(" NOT VALID")


def _mandatory(column: Object, ctx: Context) -> list[str]:
    """An inherited column's NOT NULL where the table has one of its own, with a name (18)."""
    own = column["not_null"] and column.get("not_null_local", False)
    if not own or ctx.target.major < 18 or not column.get("not_null_valid", True):
        return []
    return [render("CONSTRAINT {} NOT NULL {}", ident(called(column)), ident(column.id.name))]


def _overridden(column: Object, ctx: Context) -> Work:
    """An inherited column that lacks a default its parent gave it."""
    id = column.id
    default = ObjectId("default", id.schema, id.name, id.parent, "column")
    if default in ctx.after or column["generated"]:
        return Work()
    text = "ALTER TABLE ONLY {} ALTER COLUMN {} DROP DEFAULT"
    return work(render(text, relation(id), ident(id.name)))
