"""How a column is written in CREATE TABLE and ADD COLUMN, and what those have no words for."""

from __future__ import annotations

from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    comma,
    ident,
    literal,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.options import settings
from weedgo.staged.model import Action, Object, ObjectId, Statement, Work

STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "x": "EXTENDED", "m": "MAIN"}
COMPRESSION = {"p": "pglz", "l": "lz4"}


def table_of(id: ObjectId) -> ObjectId:
    """The table that a column stands in."""
    return ObjectId("table", id.schema, id.parent)


def default_of(id: ObjectId) -> ObjectId:
    """The default of a column."""
    return ObjectId("default", id.schema, id.name, id.parent, "column")


def owner(sequence: Object) -> ObjectId | None:
    """The column that owns a sequence."""
    table = sequence.get("owner_table")
    if not table:
        return None
    return ObjectId("column", sequence.get("owner_schema"), sequence.get("owner_column"), table)


def clause(obj: Object, ctx: Context, *, bare: bool = False, named: bool = False) -> str:
    """The column as it stands in CREATE TABLE and ADD COLUMN.

    Args:
        bare: without its default.
        named: its NOT NULL under the name that PostgreSQL would choose if nothing else had it.
    """
    parts = [render("{} {}", ident(obj.id.name), obj["type"])]
    if obj.get("foreign_options"):
        parts.append(f"OPTIONS ({foreign(obj['foreign_options'])})")
    if obj["collation"]:
        parts.append(f"COLLATE {obj['collation']}")
    if obj["compression"]:
        parts.append(f"COMPRESSION {COMPRESSION[obj['compression']]}")
    default = None if bare else ctx.after.get(default_of(obj.id))
    if obj["generated"]:
        kind = "STORED" if obj["generated"] == "s" else "VIRTUAL"
        parts.append(f"GENERATED ALWAYS AS ({obj['expression']}) {kind}")
    elif obj["identity"]:
        parts.append(identity(obj))
    elif default and born_with(default.id, ctx):
        parts.append(f"DEFAULT {default['expression']}")
    if obj["not_null"] and obj.get("not_null_valid", True) and obj.get("not_null_local", True):
        parts.append(_not_null(obj, ctx, named=named))
    return " ".join(parts)


def foreign(options: list[str]) -> str:
    """Options of a foreign table's column, as the inside of ``OPTIONS (…)``."""
    pairs = (o.split("=", 1) for o in options)
    return comma([render("{} {}", ident(option), literal(value)) for option, value in pairs])


def _not_null(obj: Object, ctx: Context, *, named: bool) -> str:
    if ctx.before.major < 18:
        return "NOT NULL"
    # Another table's constraint may have the name by then: PostgreSQL would choose a new one.
    named = named or ctx.backward or _elsewhere(obj, ctx)
    called = obj.get("not_null_name") or (named and obj.get("not_null_constraint"))
    words = render("CONSTRAINT {} NOT NULL", ident(called)) if called else "NOT NULL"
    return words + " NO INHERIT" * bool(obj.get("not_null_no_inherit"))


def _elsewhere(obj: Object, ctx: Context) -> bool:
    name = (obj.id.schema, str(obj.get("not_null_constraint")))
    return name in ctx.before.borrowed or name in ctx.after.borrowed


def identity(obj: Object) -> str:
    """GENERATED … AS IDENTITY with all its sequence's options."""
    schema, sequence, start, increment, low, high, cache, cycle, _ = obj["identity_sequence"]
    always = "ALWAYS" if obj["identity"] == "a" else "BY DEFAULT"
    name = render("SEQUENCE NAME {} ", ident(schema, sequence))
    cycles = "CYCLE" if cycle == "true" else "NO CYCLE"
    return (
        f"GENERATED {always} AS IDENTITY ({name}START WITH {start} INCREMENT BY {increment} "
        f"MINVALUE {low} MAXVALUE {high} CACHE {cache} {cycles})"
    )


def alter(  # noqa: PLR0913
    obj: Object,
    ctx: Context,
    action: str,
    lock: str = ACCESS_EXCLUSIVE,
    *,
    only: bool = False,
    rewrites: bool = False,
    scans: bool = False,
    phase: int = 0,
) -> Work:
    """ALTER TABLE … ALTER COLUMN, of the table alone or with what inherits from it."""
    text = render(
        "ALTER TABLE {}{} ALTER COLUMN {} {}",
        "ONLY " if only else "",
        relation(obj.id),
        ident(obj.id.name),
        raw(action),
    )
    table = ctx.shared(table_of(obj.id))
    statement = Statement(text, lock, table, rewrites=rewrites, scans=scans, phase=phase)
    return Work((statement,))


def details(obj: Object, ctx: Context) -> Work:
    """What CREATE TABLE and ADD COLUMN have no words for."""
    done = sequence_type(obj) if obj["identity"] and obj.get("identity_type") else Work()
    share = SHARE_UPDATE_EXCLUSIVE
    if obj["storage"]:
        done = done.then(alter(obj, ctx, f"SET STORAGE {STORAGE[obj['storage']]}", only=True))
    if obj["statistics"] is not None:
        action = f"SET STATISTICS {obj['statistics']}"
        done = done.then(alter(obj, ctx, action, share, only=True))
    if obj["options"]:
        action = f"SET ({settings(obj['options'])})"
        done = done.then(alter(obj, ctx, action, share, only=True))
    if obj["not_null"] and not obj.get("not_null_valid", True):
        name = obj.get("not_null_constraint") or f"{obj.id.parent}_{obj.id.name}_not_null"
        text = "ALTER TABLE {} ADD CONSTRAINT {} NOT NULL {} NOT VALID"
        text = render(text, relation(obj.id), ident(name), ident(obj.id.name))
        table = ctx.shared(table_of(obj.id))
        done = done.then(Work((Statement(text, ACCESS_EXCLUSIVE, table),)))
    return done


def sequence_type(obj: Object) -> Work:
    """The type of an identity's sequence: LIKE … INCLUDING IDENTITY makes it bigint."""
    schema, sequence, _, _, low, high = obj["identity_sequence"][:6]
    type = obj.get("identity_type") or obj["type"]
    text = f"ALTER SEQUENCE {{}} AS {type} MINVALUE {low} MAXVALUE {high}"
    return Work((Statement(render(text, ident(schema, sequence))),))


def stored(obj: Object, ctx: Context) -> Work:
    """Storage and compression as the column has them, which PostgreSQL forgets with its type."""
    done = Work()
    if obj["storage"]:
        done = alter(obj, ctx, f"SET STORAGE {STORAGE[obj['storage']]}", only=True)
    if obj["compression"]:
        action = f"SET COMPRESSION {COMPRESSION[obj['compression']]}"
        done = done.then(alter(obj, ctx, action, only=True))
    return done


def stored_below(column: ObjectId, ctx: Context) -> Work:
    """The same for the columns of heirs, whose type changes with it."""
    done = Work()
    for heir in ctx.heirs(table_of(column), before=True):
        id = column._replace(schema=heir.schema, parent=heir.name)
        own = (ctx.after.get(id) or ctx.before.get(id)) if id in ctx.before else None
        if own is not None:
            done = done.then(stored(own, ctx)).then(stored_below(id, ctx))
    return done


def column_owner(id: ObjectId, ctx: Context) -> ObjectId:
    """What creates a column: its table if that is new, else the column's own step."""
    table = ObjectId("table", id.schema, id.parent)
    column = ObjectId("column", id.schema, id.name, id.parent)
    change = ctx.changes.get(table)
    return table if change and change.action is Action.CREATE else column


def born_with(id: ObjectId, ctx: Context) -> bool:
    """Whether the default is given in the statement that creates its column.

    A column added to an existing table always is: only so do its rows get the value at once. In
    a new table it is when nothing that it needs is made after tables.
    """
    column = ctx.changes.get(ObjectId("column", id.schema, id.name, id.parent))
    if not column or column.action is not Action.CREATE:
        return False
    if column_owner(id, ctx).kind == "column":
        return not _apart(column.after, ctx)
    if column.after and not column.after.get("local", True):
        return False
    later = ("function", "aggregate", "view", "materialized_view")
    return not any(
        need.kind in later and ctx.changes[need].action is Action.CREATE
        for need in ctx.after.needed(id)
        if need in ctx.changes
    )


def _apart(column: Object | None, ctx: Context) -> bool:
    """Whether a column comes with its parent's, but has another default."""
    if column is None or not column.get("inherited"):
        return False
    if column["local"] and not column.get("partition"):
        return False
    table = ctx.after.get(table_of(column.id))
    own = ctx.after.get(default_of(column.id))
    for schema, parent in (table.get("ancestors") or ()) if table else ():
        above = ctx.after.get(ObjectId("default", schema, column.id.name, parent, "column"))
        return (above and above["expression"]) != (own and own["expression"])
    return False
