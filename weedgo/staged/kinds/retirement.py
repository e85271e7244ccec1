"""Out of the way with all that it holds: to a schema of its own, or under another name.

Tables and sequences move to the schema ``retired``, and what they need and nothing else has (types,
functions) goes with them; columns stay in their table under a name with a prefix. Both are left out
when a catalog is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from weedgo.staged.kinds import notnull
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    Context,
    attachment,
    ident,
    literal,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.clauses import default_of, table_of
from weedgo.staged.model import Change, Object, ObjectId, Statement, Work

SCHEMA = "retired"
PREFIX = "weedgo_retired_"
LENGTH = 63

HOLDERS = ("table", "sequence", "column")
"""Kinds that hold what no definition brings back."""

WORDS: Mapping[str, str] = {
    "table": "TABLE",
    "sequence": "SEQUENCE",
    "enum": "TYPE",
    "composite_type": "TYPE",
    "range_type": "TYPE",
    "domain": "DOMAIN",
    "collation": "COLLATION",
    "function": "ROUTINE",
    "aggregate": "AGGREGATE",
    "text_search_configuration": "TEXT SEARCH CONFIGURATION",
    "text_search_dictionary": "TEXT SEARCH DICTIONARY",
}
"""Kinds that can move, and their names in ALTER … SET SCHEMA."""


def apart(id: ObjectId, owner: ObjectId, changes: Mapping[ObjectId, Change]) -> bool:
    """Whether an object that would go with its owner does not, because the owner is retired.

    An index on a retired column would cost each INSERT, a constraint could refuse it.
    """
    if not aside(owner, changes):
        return False
    on_column = owner.kind == "column" and id.kind in ("index", "constraint", "statistics")
    return on_column or id.kind == "publication_table"


def aside(id: ObjectId, changes: Mapping[ObjectId, Change]) -> bool:
    """Whether an object is retired."""
    change = changes.get(id)
    return change is not None and change.aside


def away(obj: Object, ctx: Context) -> Work:
    """Statements that retire an object."""
    if obj.id.kind == "column":
        return _column_away(obj, ctx)
    id, table = obj.id, ctx.shared(obj.id)
    found = [Statement(render("CREATE SCHEMA IF NOT EXISTS {}", ident(SCHEMA)))]
    found += [_given_up(default, ctx) for default in _unmet(id, ctx)]
    if _owner(obj):
        text = render("ALTER SEQUENCE {} OWNED BY NONE", ident(id.schema, id.name))
        found.append(Statement(text))
    for part, name in ctx.retired[id]:
        if part.name != name:
            text = render("ALTER {} RENAME TO {}", _named(part, part, obj), ident(name))
            found.append(Statement(text, ACCESS_EXCLUSIVE, _locked(id, table)))
    here = id._replace(name=ctx.retired[id][0][1])
    text = render("ALTER {} SET SCHEMA {}", _named(id, here, obj), ident(SCHEMA))
    found.append(Statement(text, ACCESS_EXCLUSIVE, _locked(id, id)))
    return Work(tuple(found))


def back(obj: Object, ctx: Context) -> Work:
    """Statements that bring a retired object back."""
    if obj.id.kind == "column":
        return _column_back(obj, ctx)
    id = obj.id
    names = ctx.retired[id]
    there = id._replace(schema=SCHEMA, name=names[0][1])
    text = render("ALTER {} SET SCHEMA {}", _named(id, there, obj), ident(id.schema))
    found = [Statement(text, ACCESS_EXCLUSIVE, _locked(id, there))]
    for part, name in names:
        if part.name != name:
            here = part._replace(name=name)
            own = obj.get("proname") if part == id and obj.get("proname") else part.name
            text = render("ALTER {} RENAME TO {}", _named(part, here, obj), ident(own))
            found.append(Statement(text))
    if column := _owner(obj):
        text = render("ALTER SEQUENCE {} OWNED BY {}", ident(id.schema, id.name), ident(*column))
        found.append(Statement(text))
    found += [_given_back(default, default.id.name, ctx) for default in _unmet(id, ctx)]
    return Work((*found, Statement(_EMPTIED)))


def unmet(default: Object, ctx: Context) -> bool:
    """Whether the default of what is retired needs what goes and cannot be retired with it."""
    state, changes = (ctx.after, ctx.whole) if ctx.backward else (ctx.before, ctx.changes)
    changes = changes or ctx.changes
    needs = (changes.get(n) for n in state.needed(default.id) if n.kind not in (*WORDS, "schema"))
    return any(c is not None and _goes(c, ctx) and not c.aside for c in needs)


def _goes(change: Change, ctx: Context) -> bool:
    return (change.before if ctx.backward else change.after) is None


def _unmet(table: ObjectId, ctx: Context) -> list[Object]:
    """The defaults of a retired table that go for the time."""
    found = ctx.of("default", table, before=not ctx.backward) if table.kind == "table" else []
    return [default for default in found if unmet(default, ctx)]


def _given_up(default: Object, ctx: Context) -> Statement:
    text = "ALTER TABLE ONLY {} ALTER COLUMN {} DROP DEFAULT"
    text = render(text, relation(default.id), ident(default.id.name))
    return Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table_of(default.id)))


def _given_back(default: Object, column: str, ctx: Context) -> Statement:
    text = "ALTER TABLE ONLY {} ALTER COLUMN {} SET DEFAULT {}"
    text = render(text, relation(default.id), ident(column), raw(default["expression"]))
    return Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table_of(default.id)))


def _owner(obj: Object) -> tuple[str, ...]:
    """The column that owns a sequence, and does not go with it."""
    if obj.id.kind != "sequence" or not obj.get("owner_table"):
        return ()
    return tuple(str(obj.get(f"owner_{part}")) for part in ("schema", "table", "column"))


# The schema goes with the last that was in it.
_EMPTIED = render(
    "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_depend"
    " WHERE refclassid = 'pg_catalog.pg_namespace'::regclass"
    " AND refobjid = pg_catalog.to_regnamespace({})) THEN DROP SCHEMA {}; END IF; END $$",
    literal(SCHEMA),
    ident(SCHEMA),
)


def _locked(id: ObjectId, table: ObjectId | None) -> ObjectId | None:
    return table if id.kind == "table" else None


def _named(id: ObjectId, now: ObjectId, obj: Object) -> str:
    """The words and the name by which a statement calls an object where it is now."""
    if id.kind in ("index", "constraint"):
        return render("INDEX {}", ident(now.schema, now.name))
    if id.kind in ("function", "aggregate"):
        name = obj.get("proname") if now.name == id.name else now.name
        called = ident(now.schema, name)
        return render("{} {}({})", WORDS[id.kind], called, raw(obj.get("types")))
    return render("{} {}", WORDS[id.kind], ident(now.schema, now.name))


def mandatory(obj: Object, ctx: Context) -> bool:
    """Whether an INSERT that does not know of the column any more would be refused."""
    default = _default(obj, ctx)
    given = default is not None and not unmet(default, ctx)
    return bool(obj["not_null"] and not (given or obj["identity"]))


def _default(column: Object, ctx: Context) -> Object | None:
    return ctx.before.get(default_of(column.id)) or ctx.after.get(default_of(column.id))


def _column_away(obj: Object, ctx: Context) -> Work:
    table = ctx.shared(table_of(obj.id))
    done = Work()
    if mandatory(obj, ctx):
        free = replace(obj, attrs={**obj.attrs, "not_null": False})
        done = notnull.change(obj, free, ctx)
    default = _default(obj, ctx)
    if default is not None and unmet(default, ctx):
        done = done.then(Work((_given_up(default, ctx),)))
    named = ctx.retired[obj.id][0][1]
    done = done.then(Work((_renamed(obj.id, obj.id.name, named, table),)))
    for own in _apart(obj.id, ctx):
        locked = ctx.shared(table_of(own.id))
        if own["not_null"] and mandatory(obj, ctx):
            free = replace(own, attrs={**own.attrs, "not_null": False})
            done = done.then(notnull.change(own, free, ctx))
        done = done.then(Work((_renamed(own.id, own.id.name, named, locked),)))
    return done


def _renamed(column: ObjectId, old: str, new: str, table: ObjectId | None) -> Statement:
    text = "ALTER TABLE {} RENAME COLUMN {} TO {}"
    text = render(text, relation(column), ident(old), ident(new))
    return Statement(text, ACCESS_EXCLUSIVE, table)


def _apart(column: ObjectId, ctx: Context) -> list[Object]:
    """The same column of partitions that are detached for the moment."""
    found = []
    for heir in ctx.heirs(table_of(column), before=True):
        id = column._replace(schema=heir.schema, parent=heir.name)
        own, link = ctx.before.get(id), attachment(heir)
        if own is not None and link in ctx.taken and link in ctx.after:
            found.append(own)
        found += _apart(id, ctx)
    return found


def _column_back(obj: Object, ctx: Context) -> Work:
    """The column becomes mandatory again under the name that it has, and only then comes back."""
    table, name = ctx.shared(table_of(obj.id)), ctx.retired[obj.id][0][1]
    done = Work()
    if mandatory(obj, ctx):
        own = obj.get("not_null_name") or f"{obj.id.parent}_{obj.id.name}_not_null"
        there = Object(obj.id._replace(name=name), {**obj.attrs, "not_null_name": own}, obj.info)
        done = notnull.require(there, ctx)
    last = max((s.phase for s in done.statements), default=0)
    found = [replace(_renamed(obj.id, name, obj.id.name, table), phase=last)]
    default = _default(obj, ctx)
    if default is not None and unmet(default, ctx):
        given = _given_back(default, obj.id.name, ctx)
        found.append(replace(given, phase=last))
    return done.then(Work(tuple(found)))
