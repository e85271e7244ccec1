"""Columns of large tables that change their type beside the traffic.

A new column is kept in step by a trigger, filled in batches, given indexes and constraints of its
own, and then takes the old one's place, its name and all that hung on it, in one short
transaction. What is prepared has a phase below zero; phase 0 is that transaction. Columns that
foreign keys tie together are exchanged in the same moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from weedgo.staged.kinds import casts, filling
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    ident,
    literal,
    name,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.clauses import alter, details, identity, table_of
from weedgo.staged.kinds.helpers import helper, helper_trigger
from weedgo.staged.model import Fill, Object, ObjectId, Statement, Work

ADD, FILL, BIND, BOUND, BUILD, TIE, TIED = range(-7, 0)
SWAP = 0

# What else may differ of a column that is exchanged.
_FOLLOWING = frozenset({"type", "collation", "identity_sequence", "identity_type", "storage"})


def swapped(id: ObjectId, ctx: Context) -> bool:
    """Whether a column changes its type by an exchange."""
    if not _rewritten(id, ctx):
        return False
    tied = _tied(id, ctx)
    large = any(ctx.large(table_of(i)) for i in tied)
    return large and not any(obstacle(i, ctx) for i in tied)


def obstacle(id: ObjectId, ctx: Context) -> str:
    """Why a column cannot be exchanged; empty where it can."""
    table = ctx.before.get(table_of(id))
    if table is None or table["partition_key"] or table.get("bound"):
        return f"{id.parent} is partitioned"
    if table.get("ancestors") or ctx.heirs(table.id, before=True):
        return f"{id.parent} inherits or is inherited"
    change = ctx.changes.get(id)
    others = set(change.attributes) - _FOLLOWING if change else set()
    if others:
        return f"{id.path} changes in other ways too ({', '.join(sorted(others))})"
    for dependent in sorted(ctx.dependents(id)):
        if dependent.kind == "column":
            return f"{dependent.path} is generated from it"
        held = ctx.before.get(dependent)
        if dependent.kind == "constraint" and held and held["type"] == "x":
            return f"{dependent.name} is an exclusion constraint"
    return ""


def _rewritten(id: ObjectId, ctx: Context) -> bool:
    change = ctx.changes.get(id)
    if id.kind != "column" or change is None or change.before is None or change.after is None:
        return False
    before, after = change.before, change.after
    if before["generated"] or after["generated"] or not {"type"} & set(change.attributes):
        return False
    if ctx.shared(table_of(id)) is None or table_of(id) not in ctx.before:
        return False
    return casts.between(before["type"], after["type"], ctx).rewrites


def _tied(id: ObjectId, ctx: Context) -> list[ObjectId]:
    """The column and those that foreign keys tie to it and that change with it."""
    found: list[ObjectId] = []
    todo = [id]
    while todo:
        column = todo.pop()
        if column in found:
            continue
        found.append(column)
        for key in ctx.foreign_keys(column.schema, column.parent):
            for own, other in _pairs(key):
                if column in (own, other):
                    todo += [i for i in (own, other) if _rewritten(i, ctx)]
    return found


def _pairs(key: Object) -> list[tuple[ObjectId, ObjectId]]:
    """The columns of a foreign key, its own and those it refers to."""
    schema, table = key.get("references_schema"), key.get("references_table")
    both = zip(key.get("columns") or (), key.get("referenced_columns") or (), strict=False)
    return [
        (ObjectId("column", key.id.schema, own, key.id.parent),
         ObjectId("column", schema, other, table))
        for own, other in both
    ]  # fmt: skip


def work(before: Object, after: Object, ctx: Context) -> Work:
    """What the planner has to know of an exchange."""
    cast = casts.between(before["type"], after["type"], ctx)
    path = f"{after.id.schema}.{after.id.parent}"
    hazards = (
        f"{after.id.name} moves to the end of {path}: INSERT without column names and SELECT * "
        "see another order, and prepared statements with SELECT * fail once (0A000)",
        f"{path} has a column more until the exchange, and each of its rows is written once more",
    )
    return Work(replace=True, guards=casts.guards(cast, after), hazards=hazards)


def drop(obj: Object, ctx: Context) -> Work:
    """The old column goes, with all that is of it alone; where its numbers stood is noted."""
    table = table_of(obj.id)
    done: list[Statement] = []
    if obj["identity"]:
        sequence = ident(*obj["identity_sequence"][:2])
        noted = render(
            "SELECT pg_catalog.set_config({}, last_value || ',' || is_called, true) FROM {}",
            literal(_noted(obj.id)), sequence,
        )  # fmt: skip
        done.append(Statement(noted))
    for key in ctx.foreign_keys(table.schema, table.name):
        if key.id in ctx.before and any(other == obj.id for _, other in _pairs(key)):
            text = "ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}"
            text = render(text, relation(key.id), ident(key.id.name))
            owner = ObjectId("table", key.id.schema, key.id.parent)
            done.append(Statement(text, ACCESS_EXCLUSIVE, ctx.shared(owner)))
    text = render("ALTER TABLE {} DROP COLUMN {}", relation(obj.id), ident(obj.id.name))
    done.append(Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table)))
    return Work(tuple(done))


def _noted(id: ObjectId) -> str:
    return f"weedgo.{helper(id.name, id.path)}"[:60]


def create(obj: Object, ctx: Context) -> Work:
    """The new column: made, kept in step, filled, and put in the old one's place."""
    table, away = table_of(obj.id), _trigger(obj, ctx)[2]
    shared = ctx.shared(table)
    loose = Object(obj.id, {**obj.attrs, "identity": "", "not_null": False}, obj.info)
    rename = render(
        "ALTER TABLE {} RENAME COLUMN {} TO {}",
        relation(obj.id), ident(_new(obj.id, ctx)), ident(obj.id.name),
    )  # fmt: skip
    done = _prepared(obj, ctx)
    last = (away, rename)
    done = done.then(Work(tuple(Statement(s, ACCESS_EXCLUSIVE, shared) for s in last)))
    if obj["not_null"]:
        done = done.then(_bound(obj, ctx))
    if obj["identity"]:
        done = done.then(_numbered(obj, ctx))
    return done.then(details(loose, ctx))


def _prepared(obj: Object, ctx: Context) -> Work:
    table, new = ctx.shared(table_of(obj.id)), ident(_new(obj.id, ctx))
    make, fire, _ = _trigger(obj, ctx)
    collation = f" COLLATE {obj['collation']}" if obj["collation"] else ""
    add = render(
        "ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}{}",
        relation(obj.id), new, obj["type"], collation,
    )  # fmt: skip
    value = _value(obj, ctx)
    assignment = render("{} = {}", new, raw(value))
    missing = render("{} IS NULL AND {} IS NOT NULL", new, ident(obj.id.name))
    update = render("UPDATE {} SET {} WHERE {}", relation(obj.id), raw(assignment), raw(missing))
    fill = Fill(
        assignment, missing, obj.id.path, value, filling.path(table_of(obj.id)), silent=True
    )
    always = render(
        "ALTER TABLE {} ENABLE ALWAYS TRIGGER {}", relation(obj.id), ident(_called(obj, ctx))
    )
    return Work(
        (
            Statement(add, ACCESS_EXCLUSIVE, table, phase=ADD),
            Statement(make, phase=ADD),
            Statement(fire, SHARE_ROW_EXCLUSIVE, table, phase=ADD),
            Statement(always, SHARE_ROW_EXCLUSIVE, table, phase=ADD),
            Statement(update, filling.ROW_EXCLUSIVE, table, transactional=False, phase=FILL,
                      fill=fill),
        )
    )  # fmt: skip


def _new(id: ObjectId, ctx: Context) -> str:
    """The new column's name until it has its own."""
    change = ctx.changes[id]
    assert change.after is not None
    return helper(id.name, id.path, change.after["type"], str(change.after["collation"]))


def _value(obj: Object, ctx: Context) -> str:
    change = ctx.changes[obj.id]
    assert change.before is not None
    using = casts.between(change.before["type"], obj["type"], ctx).using
    return render(using or "{}", ident(obj.id.name))


def _assignments(obj: Object, ctx: Context) -> str:
    return render(
        "    NEW.{} := (SELECT {} FROM (SELECT NEW.*) AS {});",
        ident(_new(obj.id, ctx)), raw(_value(obj, ctx)), ident(obj.id.parent),
    )  # fmt: skip


def _trigger(obj: Object, ctx: Context) -> tuple[str, str, str]:
    return filling.trigger(table_of(obj.id), obj.id.name, _assignments(obj, ctx))


def _called(obj: Object, ctx: Context) -> str:
    return helper_trigger(obj.id.name, _assignments(obj, ctx))


def _bound(obj: Object, ctx: Context) -> Work:
    """NOT NULL: validated beforehand, and the new column's own from the exchange on."""
    table, new = ctx.shared(table_of(obj.id)), ident(_new(obj.id, ctx))
    called = ident(helper(f"{obj.id.parent}_{obj.id.name}", "not null", obj["type"]))
    native = ctx.before.major >= 18
    words = render("NOT NULL {}" if native else "CHECK ({} IS NOT NULL)", new)
    texts = [
        (render("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", relation(obj.id), called), BIND),
        (render("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID",
                relation(obj.id), called, raw(words)), BIND),
    ]  # fmt: skip
    check = render("ALTER TABLE {} VALIDATE CONSTRAINT {}", relation(obj.id), called)
    done = [Statement(s, ACCESS_EXCLUSIVE, table, phase=p) for s, p in texts]
    done.append(Statement(check, SHARE_UPDATE_EXCLUSIVE, table, scans=True, phase=BOUND))
    if native:
        own = obj.get("not_null_name") or f"{obj.id.parent}_{obj.id.name}_not_null"
        text = "ALTER TABLE {} RENAME CONSTRAINT {} TO {}"
        text = render(text, relation(obj.id), called, ident(own))
        return Work((*done, Statement(text, ACCESS_EXCLUSIVE, table)))
    gone = render("ALTER TABLE {} DROP CONSTRAINT {}", relation(obj.id), called)
    done += alter(obj, ctx, "SET NOT NULL").statements
    return Work((*done, Statement(gone, ACCESS_EXCLUSIVE, table)))


def _numbered(obj: Object, ctx: Context) -> Work:
    """Identity again, which goes on where the old column's stopped."""
    noted = literal(_noted(obj.id))
    sequence = literal(render("{}", ident(*obj["identity_sequence"][:2])))
    text = (
        "SELECT pg_catalog.setval({}, pg_catalog.split_part(pg_catalog.current_setting({}),"
        " ',', 1)::bigint, pg_catalog.split_part(pg_catalog.current_setting({}), ',', 2)::boolean)"
    )
    done = alter(obj, ctx, f"ADD {identity(obj)}")
    return done.then(Work((Statement(render(text, sequence, noted, noted)),)))


# -- what hangs on exchanged columns


def _exchanged(columns: Iterable[str], table: ObjectId, ctx: Context) -> dict[str, str]:
    """Of a table's columns those that are exchanged, with the names of the new ones."""
    ids = [ObjectId("column", table.schema, column, table.name) for column in columns]
    return {i.name: _new(i, ctx) for i in ids if i in ctx.taken and swapped(i, ctx)}


def _all(table: ObjectId, ctx: Context) -> dict[str, str]:
    columns = [i.name for i in ctx.taken if i.kind == "column" and table_of(i) == table]
    return _exchanged(columns, table, ctx)


_WORD = re.compile(
    r"""'(?:[^']|'')*'
    | (?P<quoted>"(?:[^"]|"")+")(?!\s*[.(])
    | (?<![.\w$"])(?P<plain>[a-z_][\w$]*)(?![\w$]|\s*[.(])""",
    re.VERBOSE,
)


def retold(text: str, names: Mapping[str, str]) -> str:
    """A definition with other columns in the place of some.

    Args:
        text: as PostgreSQL prints it, without the names of columns after a dot.
        names: of the columns, by those that stand in the text.
    """
    known = {ident(old).as_string(None): new for old, new in names.items()}

    def other(found: re.Match[str]) -> str:
        word = found["quoted"] or (f'"{found["plain"]}"' if found["plain"] else "")
        if word in known:
            return ident(known[word]).as_string(None)
        return found[0]

    return _WORD.sub(other, text)


def constraint(obj: Object, ctx: Context) -> Work | None:
    """A constraint of exchanged columns, made ready on the new ones; None for any other."""
    table = ObjectId("table", obj.id.schema, obj.id.parent)
    own = _all(table, ctx)
    other = ObjectId("table", obj.get("references_schema") or "", obj.get("references_table") or "")
    theirs = _all(other, ctx) if obj["type"] == "f" else {}
    mine = {c for c in obj.get("columns") or () if c in own}
    if not mine and not {c for c in obj.get("referenced_columns") or () if c in theirs}:
        return None
    if obj["type"] in ("p", "u"):
        return _key(obj, own, ctx)
    head, sign, tail = obj["definition"].partition(" REFERENCES ")
    definition = retold(head, own) + sign + retold(tail, theirs)
    called = ident(helper(obj.id.name, definition))
    shared = ctx.shared(table)
    lock = SHARE_ROW_EXCLUSIVE if obj["type"] == "f" else ACCESS_EXCLUSIVE
    away = render("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", relation(obj.id), called)
    add = "ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID"
    add = render(add, relation(obj.id), called, raw(definition))
    check = render("ALTER TABLE {} VALIDATE CONSTRAINT {}", relation(obj.id), called)
    rename = "ALTER TABLE {} RENAME CONSTRAINT {} TO {}"
    rename = render(rename, relation(obj.id), called, ident(obj.id.name))
    done = [
        Statement(away, ACCESS_EXCLUSIVE, shared, phase=TIE),
        Statement(add, lock, shared, phase=TIE),
        Statement(rename, ACCESS_EXCLUSIVE, shared),
    ]
    if obj["validated"]:
        share = SHARE_UPDATE_EXCLUSIVE
        done.append(Statement(check, share, shared, scans=True, phase=TIED))
    if obj["type"] == "f" and other != table and ctx.shared(other):
        first = render("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", name(other))
        done.insert(0, Statement(first, lock, other, phase=TIE))
    return Work(tuple(done))


def _key(obj: Object, own: Mapping[str, str], ctx: Context) -> Work:
    table = ObjectId("table", obj.id.schema, obj.id.parent)
    definition = retold(str(obj.get("index_definition")), own)
    called = helper(obj.id.name, definition)
    deferral = " DEFERRABLE" if obj.get("deferrable") else ""
    deferral += " INITIALLY DEFERRED" if obj.get("deferred") else ""
    text = render(
        "ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}{}",
        relation(obj.id), ident(obj.id.name), "PRIMARY KEY" if obj["type"] == "p" else "UNIQUE",
        ident(called), deferral,
    )  # fmt: skip
    use = Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table))
    return Work((_built("UNIQUE ", called, definition, ctx.shared(table)), use))


def index(obj: Object, ctx: Context) -> Work | None:
    """An index over exchanged columns, built beside on the new ones; None for any other."""
    table = ObjectId("table", obj.id.schema, obj["table"])
    own = _all(table, ctx)
    definition = retold(obj["definition"], own)
    if definition == obj["definition"]:
        return None
    called = helper(obj.id.name, definition)
    unique = "UNIQUE " if obj["unique"] else ""
    text = "ALTER INDEX {} RENAME TO {}"
    text = render(text, ident(obj.id.schema, called), ident(obj.id.name))
    rename = Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table))
    return Work((_built(unique, called, definition, ctx.shared(table)), rename))


def _built(unique: str, called: str, definition: str, table: ObjectId | None) -> Statement:
    text = "CREATE {}INDEX CONCURRENTLY IF NOT EXISTS {} ON {}"
    text = render(text, unique, ident(called), raw(definition))
    share = SHARE_UPDATE_EXCLUSIVE
    return Statement(text, share, table, scans=True, transactional=False, phase=BUILD)
