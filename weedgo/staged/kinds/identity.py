"""Identity columns, and the ways between them and serial ones: the next value is kept."""

from __future__ import annotations

from weedgo.staged.kinds import exchange
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    Context,
    ident,
    literal,
    name,
    render,
    work,
)
from weedgo.staged.kinds.clauses import alter, default_of, identity, owner, sequence_type, table_of
from weedgo.staged.kinds.helpers import beside
from weedgo.staged.kinds.sequences import moved_on, of_one_owner, options, rebound
from weedgo.staged.kinds.staying import kept, stayed
from weedgo.staged.model import Action, Object, ObjectId, Statement, Work


def change(before: Object, after: Object, ctx: Context) -> Work:
    """From one column's identity (or none) to another's (or none)."""
    if not before["identity"]:
        old = _owned(after.id, ctx, before=True)
        drawing = _users(old.id, old.id, after.id, ctx) if old else frozenset()
        done = _released(drawing, ctx).then(_identify(after, ctx))
        return done.then(Work(rebuild=drawing))
    if not after["identity"]:
        drawing = _users(after.id, sequence_of(before).id, after.id, ctx)
        return _unidentify(before, after, ctx).then(Work(rebuild=drawing))
    done = Work()
    if before["identity"] != after["identity"]:
        always = "ALWAYS" if after["identity"] == "a" else "BY DEFAULT"
        done = alter(after, ctx, f"SET GENERATED {always}")
    return done.then(_resequence(before, after))


def typed(before: Object, after: Object) -> Work:
    """A sequence of another type than its column's, which a change of that brings in line."""
    if not after["identity"]:
        return Work()
    same = before["identity"] and before["type"] == after["type"]
    stands = before.get("identity_type") if same else None
    return sequence_type(after) if stands != after.get("identity_type") else Work()


def sequence_of(column: Object) -> Object:
    """The sequence of an identity column as an object of its own."""
    schema, sequence, start, increment, low, high, cache, cycle, persistence = column[
        "identity_sequence"
    ]
    attrs = {
        "type": column["type"] if column["type"] in ("smallint", "integer") else "bigint",
        "start": int(start),
        "increment": int(increment),
        "minimum": int(low),
        "maximum": int(high),
        "cache": int(cache),
        "cycle": cycle == "true",
        "persistence": persistence,
    }
    return Object(ObjectId("sequence", schema, sequence), attrs)


_LIMITS = {
    "smallint": (-(2**15), 2**15 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
}

_READERS = ("view", "materialized_view", "function")

TYPES = tuple(_LIMITS)
"""The types that a column with an identity can have."""


def _retyped(sequence: Object, type: str) -> Object:
    """The sequence as the change of its column's type leaves it: limits of the type follow it."""
    (low, high), (lowest, highest) = _LIMITS[sequence["type"]], _LIMITS[type]
    attrs = dict(sequence.attrs) | {"type": type}
    attrs["minimum"] = lowest if attrs["minimum"] == low else attrs["minimum"]
    attrs["maximum"] = highest if attrs["maximum"] == high else attrs["maximum"]
    return Object(sequence.id, attrs)


def comes_first(before: Object, after: Object) -> bool:
    """Whether the sequence of a column changes before the column's type does.

    Only a column of whole numbers can have an identity, and a type takes no bounds beyond its own.
    """
    if not before["identity"]:
        return False
    if before["type"] not in TYPES or after["type"] not in TYPES:
        return after["type"] not in TYPES
    return TYPES.index(after["type"]) < TYPES.index(before["type"])


def _resequence(before: Object, after: Object) -> Work:
    old, new = sequence_of(before), sequence_of(after)
    # It may be of a wider type than its column: LIKE … INCLUDING IDENTITY makes it bigint.
    own = before.get("identity_type") or old["type"]
    old = Object(old.id, {**old.attrs, "type": own})
    if old["type"] != new["type"]:
        narrowed = comes_first(before, after)
        follows = _retyped(old, new["type"])
        bounds = ("minimum", "maximum")
        if not narrowed or all(follows[b] == new[b] for b in bounds):
            old = follows
    done = Work()
    if (old.id.schema, before.id.schema) != (new.id.schema, after.id.schema):
        text = render("ALTER SEQUENCE {} SET SCHEMA {}", name(old.id), ident(new.id.schema))
        done = done.then(work(text))
    if old.id.name != new.id.name:
        standing = ident(new.id.schema, old.id.name)
        done = done.then(
            work(render("ALTER SEQUENCE {} RENAME TO {}", standing, ident(new.id.name)))
        )
    if old["persistence"] != new["persistence"]:
        word = "UNLOGGED" if new["persistence"] == "u" else "LOGGED"
        done = done.then(work(render("ALTER SEQUENCE {} SET {}", name(new.id), word)))
    changed = {n for n in old.attrs if old[n] != new[n]} - {"persistence", "type"}
    if changed & {"start", "minimum", "maximum"}:
        return done.then(rebound(old, new, typed=False))
    if changed:
        names = tuple(n for n in ("increment", "cache", "cycle") if n in changed)
        done = done.then(work(render("ALTER SEQUENCE {} {}", name(new.id), options(new, names))))
    return done


def _aside(sequence: ObjectId) -> str:
    return beside(sequence.name)


def _owned(column: ObjectId, ctx: Context, *, before: bool) -> Object | None:
    """The sequence that a serial column owns and that comes or goes with the change."""
    action = Action.DROP if before else Action.CREATE
    for other in ctx.changes.values():
        if other.id.kind == "sequence" and other.action is action:
            obj = other.before or other.after
            if obj is not None and owner(obj) == column:
                return obj
    return None


def _identify(after: Object, ctx: Context) -> Work:
    """Identity on a column that stands: its sequence goes on where the serial's stopped."""
    table = ctx.shared(table_of(after.id))
    new = sequence_of(after)
    done = Work()
    default = ctx.before.get(default_of(after.id))
    if default is not None and default_of(after.id) not in ctx.after:
        done = done.then(alter(after, ctx, "DROP DEFAULT", only=True))
    old = _owned(after.id, ctx, before=True)
    if old is None:
        done = done.then(alter(after, ctx, f"ADD {identity(after)}"))
    else:
        aside = ident(old.id.schema, _aside(old.id))
        last = render(
            "SELECT pg_catalog.setval({}, last_value, is_called) FROM {}",
            literal(render("{}", name(new.id))),
            aside,
        )
        free = render("ALTER SEQUENCE {} OWNED BY NONE", name(old.id))
        rename = render("ALTER SEQUENCE {} RENAME TO {}", name(old.id), ident(_aside(old.id)))
        done = done.then(work(free, rename))
        done = done.then(alter(after, ctx, f"ADD {identity(after)}"))
        done = done.then(work(last, render("DROP SEQUENCE {}", aside)))
        done = done.then(Work(rebuild=_drawing(old.id, new.id, ctx)))
    if after["type"] in ("smallint", "integer", "bigint"):
        ahead = moved_on(new, after.id)
        done = done.then(Work((Statement(ahead, "ACCESS SHARE", table),)))
    return done


def _unidentify(before: Object, after: Object, ctx: Context) -> Work:
    """Identity given up; where the column becomes a serial one, its sequence takes over."""
    table = ctx.shared(table_of(after.id))
    old = sequence_of(before)
    new = _owned(after.id, ctx, before=False)
    if new is None:
        return alter(after, ctx, "DROP IDENTITY").then(_handed_on(after, ctx))
    unlogged = "UNLOGGED " if new["persistence"] == "u" else ""
    texts = [
        render("ALTER SEQUENCE {} RENAME TO {}", name(old.id), ident(_aside(old.id))),
        render("CREATE {}SEQUENCE {} {}", unlogged, name(new.id), options(new)),
        render(
            "SELECT pg_catalog.setval({}, last_value, is_called) FROM {}",
            literal(render("{}", name(new.id))),
            ident(old.id.schema, _aside(old.id)),
        ),
    ]
    done = Work(tuple(Statement(t, ACCESS_EXCLUSIVE, table) for t in texts))
    done = done.then(alter(after, ctx, "DROP IDENTITY"))
    default = ctx.after.get(default_of(after.id))
    if default is not None:
        action = f"SET DEFAULT {default['expression']}"
        done = done.then(alter(after, ctx, action, only=True))
    owned = render(
        "ALTER SEQUENCE {} OWNED BY {}",
        name(new.id),
        ident(after.id.schema, after.id.parent, after.id.name),
    )
    done = done.then(work(*of_one_owner(new.id, table_of(after.id), ctx), owned))
    return done.then(Work(rebuild=_drawing(new.id, old.id, ctx)))


def _drawing(serial: ObjectId, identity: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """What only the target has and what draws from a serial's sequence, or an identity's instead.

    Where they have one name, it finds the other when it is made again.
    """
    if (serial.schema, serial.name) != (identity.schema, identity.name):
        return frozenset()
    found = (d for d in ctx.dependents(serial) if not d.target or d.kind == "default")
    return frozenset(d for d in found if kept(d, ctx) or stayed(d, ctx))


def _users(
    needed: ObjectId, sequence: ObjectId, column: ObjectId, ctx: Context
) -> frozenset[ObjectId]:
    """What else uses the sequence that goes: it is put back with that of its name.

    Args:
        needed: the sequence, or the identity column that has it.
    """
    found = set()
    for id in ctx.dependents(needed):
        obj = ctx.before.get(id)
        if obj is None or id in (column, default_of(column)):
            continue
        text = str(obj.get("definition") or "")
        if id.kind == "default" or (id.kind in _READERS and sequence.name in text):
            found.add(id)
    return frozenset(found)


def _released(drawing: frozenset[ObjectId], ctx: Context) -> Work:
    """Defaults of columns that get an identity as well leave the sequence first."""
    done = Work()
    for default in sorted(d for d in drawing if d.kind == "default"):
        if column := replaces_default(default, ctx):
            done = done.then(alter(ctx.before.objects[column], ctx, "DROP DEFAULT", only=True))
    return done


def _handed_on(after: Object, ctx: Context) -> Work:
    """A sequence that stands and is the column's from now on: it goes on behind the values."""
    found = (o for o in ctx.after if o.id.kind == "sequence" and owner(o) == after.id)
    mine = next((o for o in found if o.id in ctx.before), None)
    if mine is None or after["type"] not in TYPES:
        return Work()
    table = ctx.shared(table_of(after.id))
    return Work((Statement(moved_on(mine, after.id), "ACCESS SHARE", table),))


def replaces_default(id: ObjectId, ctx: Context) -> ObjectId | None:
    """The column whose change between serial and identity brings this default about, or away."""
    column = ObjectId("column", id.schema, id.name, id.parent)
    change = ctx.changes.get(column)
    if id.target != "column" or change is None or not (change.before and change.after):
        return None
    came, went = change.after["identity"], change.before["identity"]
    if came and not went:
        return column
    if exchange.remade(table_of(column), ctx):
        return None  # It is set on the table that was made anew.
    return column if went and not came and _owned(column, ctx, before=False) else None
