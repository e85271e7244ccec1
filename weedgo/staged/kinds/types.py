"""Types and collations that are replaced under the columns that use them.

A type that cannot be altered is set aside, made anew, and each column is taken over to the new one
in the same transaction; the old one goes when nothing uses it any more. What else hangs on the type
or on its columns is taken away before and put back after, as with any replacement.
"""

from __future__ import annotations

from weedgo.staged.kinds import exchange
from weedgo.staged.kinds.base import (
    Context,
    Kind,
    ident,
    literal,
    name,
    raw,
    relation,
    render,
    work,
)
from weedgo.staged.kinds.clauses import table_of
from weedgo.staged.kinds.converting import (
    READERS,
    WAITING,
    around_rows,
    converted,
    obstacles,
    row_holders,
)
from weedgo.staged.kinds.fields import Values
from weedgo.staged.kinds.helpers import beside, helper
from weedgo.staged.kinds.staying import kept
from weedgo.staged.model import Change, Guard, Object, ObjectId, Stage, Statement, Work

_TYPES = ("range_type", "domain", "composite_type")


def aside(name: str) -> str:
    """The name under which an old object stands until its successor has taken over."""
    return beside(name, "weedgo_old_")


def carried(id: ObjectId, ctx: Context) -> list[Object]:
    """The columns that hold values of a type, and keep them when it is replaced."""
    found = (ctx.before.get(d) for d in sorted(ctx.dependents(id)) if d.kind == "column")
    return [c for c in found if c is not None and not c["generated"]]


def holders(id: ObjectId, ctx: Context) -> list[Object]:
    """The columns whose values go over to the successor of a type, each with its heirs'."""
    return [c for c in carried(id, ctx) if not c.get("inherited") and not leaves(c, id, ctx)]


def _parting(id: ObjectId, ctx: Context) -> list[Object]:
    """The columns that leave a type in the transaction in which it is replaced."""
    found = (c for c in carried(id, ctx) if not c.get("inherited") and leaves(c, id, ctx))
    return [c for c in found if c.id in ctx.beside and c.id in ctx.after]


def newcomers(id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """What comes upon the columns that keep values of a type: most of it would be in their way."""
    columns = (c.id for c in carried(id, ctx) if c.id not in ctx.changes)
    found = frozenset(d for c in columns for d in ctx.inverse().dependents(c))
    return frozenset(d for d in found if d not in ctx.before and d in ctx.changes)


def followers(id: ObjectId, ctx: Context) -> list[Object]:
    """The columns that are taken over by the successor of this very type.

    One whose own type is replaced as well, because it is made of this one, follows that. One of a
    table that is made anew is copied.
    """
    return [
        column
        for column in holders(id, ctx)
        if not exchange.remade(table_of(column.id), ctx)
        and not any(
            other != id and other in ctx.taken and id in ctx.before.needed(other)
            for other in ctx.before.needed(column.id)
        )
    ]


def hanging(id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """What has to be taken away to replace a type: not its columns, but what hangs on them."""
    columns = {c.id for c in carried(id, ctx)}
    found = ctx.dependents(id) - columns - {*typed(id, ctx), *leaving(id, ctx)}
    found |= {r for c in columns if (r := exchange.root(table_of(c), ctx)) is not None}
    return found.union(*(obstacles(column, ctx) for column in columns))


def standing_type(column: Object, ctx: Context) -> str:
    """The type of a column while a composite type that it is of makes room for its successor."""
    for need in sorted(ctx.before.needed(column.id)):
        called = render("{}", name(need)) if need.kind == "composite_type" else ""
        plain = column["type"].removesuffix("[]").replace('"', "")
        if need in ctx.taken and called.replace('"', "") == plain:
            arrays = "[]" if column["type"].endswith("[]") else ""
            return render("{}{}", ident(need.schema, aside(need.name)), arrays)
    return str(column["type"])


def waiting(id: ObjectId, ctx: Context) -> bool:
    """Whether values wait as texts while their type is replaced: ranges, and what is made of them.

    A range's constructors bear its name and do not follow a new one.
    """
    if id.kind == "range_type":
        return True
    made = (n for n in ctx.before.needed(id) if n.kind in _TYPES)
    return any(waiting(need, ctx) for need in made)


def _waits(id: ObjectId, ctx: Context) -> bool:
    """Whether it does so in this transaction: a range that it is made of is replaced."""
    if id.kind == "range_type":
        return id in ctx.taken
    return any(_waits(need, ctx) for need in ctx.before.needed(id) if need.kind in _TYPES)


def typed(id: ObjectId, ctx: Context) -> list[ObjectId]:
    """The tables that are of a composite type before and after: their columns follow it."""
    found = (t for t in _tables_of(id, ctx) if t not in leaving(id, ctx) and t not in ctx.anew)
    return [t for t in found if kept(t, ctx) or id in ctx.after.needed(t)]


def leaving(id: ObjectId, ctx: Context) -> list[ObjectId]:
    """The tables that cease to be of a composite type before it changes.

    On the way back they become such again when it has.
    """
    changes = ctx.whole or ctx.changes
    found = ((t, changes.get(t)) for t in _tables_of(id, ctx))
    return [t for t, c in found if c and c.before and c.after and _other_type(c)]


def _other_type(change: Change) -> bool:
    assert change.before is not None
    assert change.after is not None
    return bool(change.before["of_type"] != change.after["of_type"])


def _tables_of(id: ObjectId, ctx: Context) -> list[ObjectId]:
    """The tables of a type that stay, of it or not."""
    return [
        d
        for d in sorted(ctx.dependents(id))
        if d.kind == "table" and ctx.before.objects[d]["of_type"]
        if d in ctx.after or kept(d, ctx)
    ]


class CarriedKind(Kind):
    """A kind whose columns are taken over to the new object when it is replaced."""

    stage = Stage.PREREQUISITES
    label = "types"
    classid = 1247
    word = "TYPE"

    def hanging(self, id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
        columns = {c.id for c in carried(id, ctx)}
        found = hanging(id, ctx).union(*(around_rows(table_of(c), ctx) for c in columns))
        if not waiting(id, ctx):
            return found
        # Also what reads its columns: they are texts for a moment.
        readers = (d for c in columns for d in ctx.dependents(c) if d.kind in READERS)
        return found | frozenset(readers)

    def make(self, obj: Object, ctx: Context) -> Work:
        """Statements that make the object where nothing of its name stands."""
        raise NotImplementedError

    def create(self, obj: Object, ctx: Context) -> Work:
        if self.replaced(obj.id, ctx):
            return self.make(obj, ctx).then(self.take_over(obj, ctx))
        return self.make(obj, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        if not self.replaced(obj.id, ctx):
            return work(render("DROP {} {}", self.word, name(obj.id)))
        return self.set_aside(obj, ctx)

    def replaced(self, id: ObjectId, ctx: Context) -> bool:
        """Whether the object only makes room for its successor, with columns in use."""
        if id not in ctx.taken:
            return False
        users = ctx.dependents(id)
        return bool(carried(id, ctx)) or any(_carries(d) or _outlasts(d, ctx) for d in users)

    def set_aside(self, obj: Object, ctx: Context) -> Work:
        """Make room for the successor."""
        if _waits(obj.id, ctx):
            done = Work()
            for column in (*followers(obj.id, ctx), *_parting(obj.id, ctx)):
                held = ident(column.id.name).as_string(None)
                done = done.then(converted(column, f"{held}::text", ctx, WAITING))
            done = done.then(_waiting_aside(obj.id, ctx))
            return done.then(work(render("DROP {} {}", self.word, name(obj.id))))
        new = ident(aside(obj.id.name))
        return work(render("ALTER {} {} RENAME TO {}", self.word, name(obj.id), new))

    def take_over(self, obj: Object, ctx: Context) -> Work:
        """Take the columns over from the old object, which goes when all have been."""
        done = Work()
        if _waits(obj.id, ctx):
            for column in followers(obj.id, ctx):
                type = _renamed(column, obj, ctx)
                held = ident(column.id.name).as_string(None)
                done = done.then(converted(column, f"{held}::{type}", ctx, type))
            return done
        for column in followers(obj.id, ctx):
            done = done.then(self.convert(column, obj, ctx))
        old = ident(obj.id.schema, aside(obj.id.name))
        last = Statement(render("DROP {} {}", self.word, old), late=True)
        return done.then(Work((last,)))

    def convert(self, column: Object, obj: Object, ctx: Context) -> Work:
        """Take one column over."""
        if row_holders(table_of(column.id), ctx) and not Values(ctx, obj).fits(column["type"]):
            return _unwritten(column, ctx)
        held = ident(column.id.name).as_string(None)
        using = self.using(held, column, Values(ctx, obj))
        elements = "" if using else self.using("$1", column, Values(ctx, obj, queries=True))
        if not elements:
            return converted(column, using, ctx)
        # ALTER COLUMN … TYPE has no room for a query but in a function.
        old = ident(obj.id.schema, aside(obj.id.name)).as_string(None)
        old += "[]" * column["type"].endswith("[]")
        function = ident(obj.id.schema, helper(column.id.path, "elements"))
        text = "CREATE FUNCTION {}({}) RETURNS {} LANGUAGE sql IMMUTABLE AS {}"
        body = literal(f"SELECT {elements}")
        make, away = (
            render(text, function, old, column["type"], body),
            render("DROP FUNCTION {}({})", function, old),
        )
        using = render("{}({})", function, held)
        return work(make).then(converted(column, using, ctx)).then(work(away))

    def using(self, held: str, column: Object, values: Values) -> str:
        """How a value goes over; empty where it stays as it is, or needs a query."""
        return values.of(held, column["type"])


def _unwritten(column: Object, ctx: Context) -> Work:
    """The refusal where rows with a column are values elsewhere, and as texts would not fit."""
    table = table_of(column.id)
    holder = row_holders(table, ctx)[0]
    why = f"{holder.id.path} holds rows of {table.path}, in which {column.id.name} gets a type"
    advice = f"let attributes only come and go at its end, or keep rows of {table.path} in a table"
    return Work(refusal=f"{why} with attributes in other places; {advice}")


def _waiting_aside(id: ObjectId, ctx: Context) -> Work:
    """The values that wait to be copied from tables that are made anew."""
    done = Work()
    for column in holders(id, ctx):
        if exchange.remade(table_of(column.id), ctx):
            old = exchange.waiting(table_of(column.id), ctx)
            held = ident(column.id.name).as_string(None)
            actions = ("DROP DEFAULT", f"TYPE {WAITING} USING {held}::text")
            text = "ALTER TABLE {} ALTER COLUMN {} {}"
            texts = (render(text, old, held, raw(action)) for action in actions)
            done = done.then(work(*texts))
    return done


def _renamed(column: Object, obj: Object, ctx: Context) -> str:
    """The type of a column that waited as text: a multirange may have another name now."""
    after, before = ctx.after.get(column.id), ctx.before.get(obj.id)
    if after is not None:
        return str(after["type"] if obj.id in ctx.after.needed(column.id) else column["type"])
    if before is not None and obj.id.kind == "range_type":
        old, new = (
            render("{}", ident(o["multirange_schema"], o["multirange"])).replace('"', "")
            for o in (before, obj)
        )
        if column["type"].replace('"', "") == old and old != new:
            return render("{}", ident(obj["multirange_schema"], obj["multirange"]))
    return str(column["type"])


def _carries(id: ObjectId) -> bool:
    return id.kind in ("enum", "domain", "composite_type", "range_type")


def _outlasts(id: ObjectId, ctx: Context) -> bool:
    """Whether something holds on to a type with an old table, until its rows are copied."""
    obj = ctx.before.get(id)
    if obj is None or id.kind not in ("table", *READERS):
        return False
    name = id.name if id.kind == "table" else obj.relation
    return exchange.remade(ObjectId("table", id.schema, name), ctx)


def leaves(column: Object, type: ObjectId, ctx: Context) -> bool:
    """Whether another change takes the column away from the type, before the type is replaced."""
    after, change = ctx.after.get(column.id), ctx.changes.get(column.id)
    if after is None:
        # What is retired keeps its values, and has them taken over.
        return change is not None and not change.aside
    other = any(after[k] != column[k] for k in ("type", "collation"))
    return other and type not in ctx.after.needed(column.id)


def renaming(change: Change, ctx: Context) -> ObjectId | None:
    """What gives the type of a column another name, and the column keeps.

    A range type that is replaced, for its multirange type; an extension that moves, for its types.
    """
    if change.attributes != ("type",) or change.before is None or change.after is None:
        return None
    old, new = (o["type"].rpartition(".")[2] for o in (change.before, change.after))
    for need in sorted(ctx.before.needed(change.id) & ctx.after.needed(change.id)):
        other = ctx.changes.get(need)
        moved = other.attributes if other else ()
        if need.kind == "range_type" and "multirange" in moved:
            return need
        if need.kind == "extension" and "schema" in moved and old == new:
            return need
    return None


def in_use(column: Object, condition: str, message: str, remedy: str) -> Guard:
    """Refuse a change while rows of a column meet a condition."""
    query = render("SELECT count(*) FROM {} WHERE {}", relation(column.id), raw(condition))
    return Guard(query, message, remedy)
