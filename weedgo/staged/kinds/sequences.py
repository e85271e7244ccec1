"""Sequences that stand on their own, and which column owns them.

Sequences of identity columns belong to their column.
"""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds import exchange
from weedgo.staged.kinds.base import (
    Address,
    Context,
    Kind,
    Row,
    ident,
    literal,
    name,
    raw,
    render,
    work,
)
from weedgo.staged.kinds.clauses import owner, table_of
from weedgo.staged.model import Action, Change, Guard, Object, ObjectId, Stage, Statement, Work

_LIMITS = ("type", "start", "increment", "minimum", "maximum", "cache", "cycle")
_BOUNDS = frozenset({"type", "start", "minimum", "maximum"})
_WORDS = {
    "type": "AS {}",
    "increment": "INCREMENT BY {}",
    "minimum": "MINVALUE {}",
    "maximum": "MAXVALUE {}",
    "start": "START WITH {}",
    "cache": "CACHE {}",
}
_WIDTH = ("smallint", "integer", "bigint")
# As long as a bigint's can be for sure.
_NUMBER = "CASE WHEN {value}::text ~ '^-?[0-9]{{1,18}}$' THEN {value}::text::bigint END"


def options(obj: Object, names: tuple[str, ...] = _LIMITS) -> str:
    """The sequence's options as SQL, all of them or those named."""
    parts = [_WORDS[n].format(obj[n]) for n in _WORDS if n in names]
    if "cycle" in names:
        parts.append("CYCLE" if obj["cycle"] else "NO CYCLE")
    return " ".join(parts)


def handed_over(change: Change, ctx: Context) -> ObjectId | None:
    """The column that takes this sequence's part as its identity, or gives its identity's to it.

    Args:
        change: the coming or going of a sequence.
    """
    if change.action not in (Action.CREATE, Action.DROP):
        return None
    column = owner(change.after or change.before)  # type: ignore[arg-type]
    other = ctx.changes.get(column) if column else None
    if other is None or other.before is None or other.after is None:
        return None
    came, went = other.after["identity"], other.before["identity"]
    if change.action is Action.DROP:
        return other.id if came and not went else None
    # A table that is made anew has its defaults from the start, and what they draw from before.
    return other.id if went and not came and not exchange.remade(table_of(other.id), ctx) else None


class SequenceKind(Kind):
    """``CREATE SEQUENCE``."""

    name = "sequence"
    stage = Stage.SEQUENCES
    label = "sequences"
    source = "sequence"
    classid = 1259

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        yield from super().read(row)
        if row["_owner_table"]:
            id = self.identify(row)
            fact = ObjectId("sequence_owner", id.schema, id.name, "", "sequence")
            place = (row["_owner_schema"], row["_owner_table"], row["_owner_column"])
            column = ObjectId("column", place[0], place[2], place[1])
            yield Object(fact, {"column": list(place)}, {"needs": (column,)}), None

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        return handed_over(change, ctx)

    def create(self, obj: Object, ctx: Context) -> Work:
        unlogged = "UNLOGGED " if obj["persistence"] == "u" else ""
        return work(render("CREATE {}SEQUENCE {} {}", unlogged, name(obj.id), options(obj)))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        changed = tuple(n for n in _LIMITS if before[n] != after[n])
        done = Work()
        if _BOUNDS & set(changed):
            done = rebound(before, after)
        elif changed:
            done = work(render("ALTER SEQUENCE {} {}", name(after.id), options(after, changed)))
        if before["persistence"] != after["persistence"]:
            logged = "UNLOGGED" if after["persistence"] == "u" else "LOGGED"
            done = done.then(work(render("ALTER SEQUENCE {} SET {}", name(after.id), logged)))
        return done

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("DROP SEQUENCE {}", name(obj.id)))


def rebound(before: Object, after: Object, *, typed: bool = True) -> Work:
    """New bounds on a sequence in use: what it gives next only ever moves away from what it gave.

    One that was never asked starts where the source's starts. The type of an identity column's
    sequence follows the column's, and is not named.
    """
    low, high = min(before["minimum"], after["minimum"]), max(before["maximum"], after["maximum"])
    wider = max(before["type"], after["type"], key=_WIDTH.index)
    up = after["increment"] > 0
    beyond = "last_value > {}" if up else "last_value < {}"
    limit = after["maximum"] if up else after["minimum"]
    nearest = after["minimum"] if up else after["maximum"]
    move = render(
        "SELECT pg_catalog.setval({}, CASE WHEN is_called OR last_value <> {} THEN "  # noqa: S608
        + ("greatest" if up else "least")
        + "(last_value, {}) ELSE {} END, is_called AND "
        + ("last_value >= {}" if up else "last_value <= {}")
        + ") FROM {}",
        literal(render("{}", name(after.id))),
        str(before["start"]),
        str(nearest),
        str(after["start"]),
        str(nearest),
        name(after.id),
    )
    guard = Guard(
        render(
            "SELECT count(*) FROM {} WHERE " + beyond + " AND (is_called OR last_value <> {})",  # noqa: S608
            name(after.id),
            str(limit),
            str(before["start"]),
        ),
        f"sequence {after.id.path} stands beyond its new bound {limit}",
        f"set it back if its values may repeat: SELECT setval('{after.id.path}', {after['start']})",
    )
    widen = f"AS {wider} " * typed + f"MINVALUE {low} MAXVALUE {high}"
    names = _LIMITS if typed else _LIMITS[1:]
    return work(
        render("ALTER SEQUENCE {} {}", name(after.id), raw(widen)),
        move,
        render("ALTER SEQUENCE {} {}", name(after.id), options(after, names)),
        guards=(guard,),
    )


class SequenceOwnerKind(Kind):
    """``ALTER SEQUENCE … OWNED BY``: the sequence goes when its column goes."""

    name = "sequence_owner"
    stage = Stage.SEQUENCES
    label = "ownerships"

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        sequence = ctx.changes.get(change.id.of)
        return handed_over(sequence, ctx) if sequence else None

    def create(self, obj: Object, ctx: Context) -> Work:
        schema, table, column = obj["column"]
        home = ObjectId("table", schema, table)
        first = {owner_of(home)} & ctx.changes.keys() if passing(obj.id.of, ctx) else ()
        owned = render("ALTER SEQUENCE {} OWNED BY {}", name(obj.id), ident(schema, table, column))
        done = work(*of_one_owner(obj.id.of, home, ctx))
        # Tables that give each other sequences change owners in between.
        late = owner_of(home) in ctx.beside
        done = done.then(Work((Statement(owned, late=late),)))
        standing = ObjectId("column", schema, column, table)
        sequence = ctx.after.get(obj.id.of)
        values = ctx.after.get(standing)
        fresh = obj.id.of not in ctx.before and standing in ctx.before
        passes = obj.id in ctx.before and standing in ctx.before
        if sequence and values and passes and values["type"] in _WIDTH:
            held = ctx.before.objects[standing]["type"] in _WIDTH
            ahead = moved_on(sequence, standing) if held else ""
            done = done.then(work(ahead) if ahead else Work())
        if sequence and values and fresh and values["type"] in _WIDTH:
            ahead = ahead_of(
                sequence.id, sequence["increment"], sequence["start"], standing,
                texts=otherwise_typed(standing, ctx),
            )  # fmt: skip
            done = done.then(Work((Statement(ahead, "ACCESS SHARE", ctx.shared(home)),)))
        return done.then(Work(needs=frozenset(first), rebuild=_granted(obj.id.of, ctx)))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self.create(after, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        done = work(render("ALTER SEQUENCE {} OWNED BY NONE", name(obj.id)))
        given = ctx.changes.get(owner_of(obj.id.of))
        if given is None or given.before is None or given.after is None:
            return done
        text = "ALTER SEQUENCE {} OWNER TO {}"
        done = done.then(work(render(text, name(obj.id), ident(given.after["role"]))))
        return done.then(Work(rebuild=_granted(obj.id.of, ctx)))


def _granted(sequence: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """Grants that change as their sequence passes to another: both at once, as of other objects."""
    grants = owner_of(sequence)._replace(kind="privileges")
    given = owner_of(sequence) in ctx.changes and passing(sequence, ctx) is not None
    return frozenset({grants} & ctx.changes.keys() if given else ())


def owner_of(id: ObjectId) -> ObjectId:
    """The fact of who has an object."""
    return ObjectId("owner", id.schema, id.name, id.parent, id.kind)


def passing(sequence: ObjectId, ctx: Context) -> ObjectId | None:
    """The tie of a standing sequence that is tied to another table than before, or to one only now.

    With it the sequence goes to the owner of its new table, past whoever else has a table of its
    meanwhile: what such a one may do with it would be lost.
    """
    tie = ObjectId("sequence_owner", sequence.schema, sequence.name, "", "sequence")
    change = ctx.changes.get(tie)
    if change is None or sequence not in ctx.before or sequence not in ctx.after:
        return None
    tables = [obj["column"][:2] if obj else None for obj in (change.before, change.after)]
    return tie if tables[0] != tables[1] else None


def of_one_owner(sequence: ObjectId, table: ObjectId, ctx: Context) -> list[str]:
    """A sequence belongs to whom its table belongs to, or cannot be tied to it."""
    role = owner_by_then(owner_of(table), ctx)
    wanted = ctx.after.get(owner_of(table))
    settled = not ctx.backward or owner_of(table) in ctx.changes
    if wanted and settled and passing(sequence, ctx):
        role = str(wanted["role"])  # It has its owner by then.
    if sequence in ctx.before:
        standing = ctx.before.get(owner_of(sequence))
        mine = standing["role"] if standing else ctx.before.user
    else:
        mine = ctx.before.user
    tied = sequence._replace(kind="sequence_owner", target="sequence") in ctx.before
    free = [render("ALTER SEQUENCE {} OWNED BY NONE", name(sequence))] if tied else []
    if mine == role:
        return free if passing(sequence, ctx) else []
    return [*free, render("ALTER SEQUENCE {} OWNER TO {}", name(sequence), ident(role))]


def owner_by_then(table: ObjectId, ctx: Context) -> str:
    """The role that has a table, by the fact of its owner, when a sequence is tied to it.

    What only goes comes back before the table does to who had it: owners change before anything
    goes.
    """
    owner = ctx.before.get(table)
    if ctx.backward and all(c.before is None for c in ctx.changes.values()):
        change = ctx.whole.get(table)
        owner = change.before if change and change.before else owner
    return str(owner["role"]) if owner else ctx.before.user


def otherwise_typed(column: ObjectId, ctx: Context) -> bool:
    """Whether a column may not be of numbers yet when its sequence comes back."""
    change = ctx.whole.get(column)
    return bool(change and change.before and change.before["type"] not in _WIDTH)


def ahead_of(
    sequence: ObjectId, increment: int, start: int, column: ObjectId, *, texts: bool = False
) -> str:
    """A new sequence set behind the values that its column holds already.

    Args:
        sequence: as it is called now.
        increment, start: of the sequence.
        column: that takes its values.
        texts: the column may hold something else than numbers; those among it count.
    """
    extreme, furthest = ("max", "greatest") if increment > 0 else ("min", "least")
    return render(
        "SELECT pg_catalog.setval({}, " + furthest + "(v + {}, {}), false)"  # noqa: S608
        " FROM (SELECT " + extreme + "({}) AS v FROM {}) held WHERE v IS NOT NULL",
        literal(render("{}", name(sequence))),
        raw(str(increment)),
        raw(str(start)),
        raw(render(_NUMBER if texts else "{value}", value=ident(column.name))),
        ident(column.schema, column.parent),
    )


def moved_on(sequence: Object, column: ObjectId, *, texts: bool = False) -> str:
    """The sequence set behind the values of a column where it is not there already.

    Args:
        sequence: as it is to be.
        column: that takes its values.
        texts: the column may hold something else than numbers; those among it count.
    """
    extreme, behind = ("max", "<=") if sequence["increment"] > 0 else ("min", ">=")
    return render(
        "SELECT pg_catalog.setval({}, v, true) FROM (SELECT {}({}) AS v FROM {}) held, {} s"
        " WHERE s.last_value {} v",
        literal(render("{}", name(sequence.id))),
        extreme,
        raw(render(_NUMBER if texts else "{value}", value=ident(column.name))),
        ident(column.schema, column.parent),
        name(sequence.id),
        behind,
    )
