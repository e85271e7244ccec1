"""Tables that become another table with the same rows: plain to partitioned, other keys, and back.

PostgreSQL has no statement for it. In one transaction the old table (with its partitions) moves to
a schema of its own, so that all its names are free; the new one is made; the rows go over; the old
one is dropped. What hung on the old table is put back on the new one by the group that the step is.
"""

from __future__ import annotations

from weedgo.staged.kinds import (
    arrivals,
    conflicts,
    converting,
    copying,
    descent,
    inheritance,
    parking,
)
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    attachment,
    ident,
    name,
    render,
)
from weedgo.staged.kinds.born import table
from weedgo.staged.kinds.helpers import helper
from weedgo.staged.kinds.parking import HELD, numbered_by
from weedgo.staged.model import Object, ObjectId, Statement, Work


def needed(before: Object, after: Object, ctx: Context) -> bool:
    """Whether a table has to be exchanged to become the other."""
    if before["partition_key"] != after["partition_key"]:
        return True
    # PostgreSQL changes no type of a column that the partition key has.
    if before["key_types"] != after["key_types"] or before.id in ctx.anew:
        return True
    if before["of_type"] and after["of_type"] and before["of_type"] != after["of_type"]:
        return True
    if before["of_type"] != after["of_type"] and _in_other_places(after.id, ctx):
        return True
    # What stands in the table cannot become what it merely inherits.
    _, come = inheritance.exchanged(before, after)
    borrowed = any(not c.get("local") for c in ctx.of("column", after.id))
    return bool(come) and (borrowed or bool(after.get("constraints")))


def _in_other_places(id: ObjectId, ctx: Context) -> bool:
    """Whether columns come between those of a table that is one of a type on one of the sides."""
    one, other = ([c.id for c in ctx.of("column", id, before=b)] for b in (True, False))
    sides = ((one, other), (other, one))
    return any([c for c in a if c in b] != b[: sum(c in b for c in a)] for a, b in sides)


def root(id: ObjectId, ctx: Context) -> ObjectId | None:
    """The exchanged table that this table is, is a partition of, or becomes a partition of."""
    if id.kind != "table":
        return None
    seen = id
    while True:
        before, after = ctx.before.get(seen), ctx.after.get(seen)
        if before is not None and after is not None and needed(before, after, ctx):
            return _uppermost(seen, ctx)
        parent = _parent(seen, ctx)
        if parent is None:
            return None
        seen = parent


def _uppermost(id: ObjectId, ctx: Context) -> ObjectId:
    parent = _parent(id, ctx)
    above = root(parent, ctx) if parent else None
    return above or id


def _parent(id: ObjectId, ctx: Context) -> ObjectId | None:
    for catalog in (ctx.after, ctx.before):
        fact = catalog.get(attachment(id))
        if fact is not None:
            return None if ctx.rejoining(id) else ObjectId("table", *fact["of"])
        if id in catalog and id in ctx.after:
            return None
    return None


def _family(id: ObjectId, ctx: Context, *, before: bool) -> list[ObjectId]:
    """A table's partitions, and theirs, from the top down."""
    found: list[ObjectId] = []
    catalog = ctx.before if before else ctx.after
    for heir in ctx.heirs(id, before=before):
        inside = attachment(heir) in catalog and (before or not ctx.rejoining(heir))
        if inside or (before and descent.merges(heir, ctx)):
            found += [heir, *_family(heir, ctx, before=before)]
    return found


def _staying(id: ObjectId, ctx: Context) -> list[ObjectId]:
    """A table's partitions without those that are detached before, with all that they hold."""
    past = _family(id, ctx, before=True)
    future = _family(id, ctx, before=False)
    gone: set[ObjectId] = set()
    for heir in past:
        link = ctx.before.get(attachment(heir))
        above = ObjectId("table", *link["of"]) if link is not None else None
        left = above == id and heir in ctx.after and heir not in future and not _anew(heir, ctx)
        if left or above in gone:
            gone.add(heir)
    return [heir for heir in past if heir not in gone]


def work(before: Object, ctx: Context) -> Work:
    """What the planner has to know: all that hangs on the table and its partitions is put back."""
    family = _staying(before.id, ctx)
    past = _family(before.id, ctx, before=True)
    leaving = [attachment(heir) for heir in past if heir in ctx.after and heir not in family]
    rows = "the rows are copied under a lock: there is no online way"
    link = ctx.after.get(attachment(before.id))
    made = [*([before.id] if link else ()), *_family(before.id, ctx, before=False)]
    parts = [
        own.id
        for member in made
        for kind in ("index", "constraint")
        for own in ctx.of(kind, member)
    ]
    joining = (m for m in _joining(before.id, ctx) if joins(m, ctx))
    parts += [i for m in joining for i in (m, *_columns(m, ctx))]
    for pair in ctx.after.objects[before.id].get("ancestors") or ():
        # What its parents give their heirs they have by then, as the others do.
        above = ObjectId("table", *pair)
        parts += [c.id for kind in ("column", "constraint") for c in ctx.of(kind, above)
                  if kind == "column" or c["type"] == "c"]  # fmt: skip
        # And what it loses is gone.
        lost = ctx.of("column", above, before=True)
        parts += [c.id for c in lost if c.id not in ctx.after]
    parts += conflicts.needed(ctx.after.objects[before.id], ctx)
    link = ctx.before.get(attachment(before.id))
    found = referring(ObjectId("table", *link["of"]), ctx) if link else set()
    staying = {i for i in found if i in ctx.before and i in ctx.after}
    parts += [*leaving, *descent.leaving(before.id, ctx)]
    return Work(
        needs=frozenset(i for i in parts if i in ctx.changes),
        rebuild=frozenset({*family, *staying}),
        replace=True,
        hazards=(f"{before.id.path} is made anew; {rows}",),
        guards=(*arrivals.guards(before.id, ctx), *arrivals.retired(before.id, ctx)),
    )


def _columns(table: ObjectId, ctx: Context) -> list[ObjectId]:
    """A table's columns in either state."""
    return [c.id for before in (True, False) for c in ctx.of("column", table, before=before)]


def referring(whole: ObjectId, ctx: Context) -> set[ObjectId]:
    """Foreign keys to a partitioned table, or to one that it is a partition of.

    No partition leaves while rows refer to it.
    """
    named = {(whole.schema, whole.name)}
    while (link := ctx.before.get(attachment(whole))) is not None:
        whole = ObjectId("table", *link["of"])
        named.add((whole.schema, whole.name))
    return {
        obj.id
        for table in named
        for obj in ctx.foreign_keys(*table)
        if (obj.get("references_schema"), obj.get("references_table")) in named
    }


def remade(id: ObjectId, ctx: Context) -> bool:
    """Whether a table is made anew by an exchange; one that joins or leaves a family stays."""
    whole = root(id, ctx)
    if whole is None:
        return False
    past = _family(whole, ctx, before=True)
    return id == whole or id not in ctx.before or id in past


def carrier(id: ObjectId, ctx: Context) -> ObjectId | None:
    """The exchanged table that brings about what happens to a table's columns, if one does.

    A plain table that becomes a partition stays: what changes about it changes before.
    """
    whole = root(id, ctx)
    if whole is None or remade(id, ctx):
        return whole
    before = ctx.before.get(id)
    return whole if before is None or before["parents"] else None


def joins(id: ObjectId, ctx: Context) -> bool:
    """Whether a plain table becomes a partition of one that is made anew."""
    return root(id, ctx) is not None and carrier(id, ctx) is None


def left(obj: Object, table: ObjectId, ctx: Context) -> bool:
    """Whether a part of a table that is made anew goes with the old one, and not before.

    One that computes with a function that goes would hold on to it.
    """
    stays = not _calling(obj, ctx) or bool(obj.get("inherited"))
    # On the way back another step may do that, behind this one; some checks cannot go before.
    here = not ctx.backward or merged(obj, ctx) or root(table, ctx) in ctx.changes
    return remade(table, ctx) and here and stays and not holding(obj, ctx)


def merged(obj: Object, ctx: Context) -> bool:
    """Whether a check is one with a parent's, as it stands or was wanted."""
    if obj.id.kind != "constraint" or obj["type"] != "c":
        return False
    states = (ctx.before, ctx.origin) if ctx.origin is not None else (ctx.before,)
    return any(inheritance.checks_above(obj.id, state) for state in states)


def holding(obj: Object, ctx: Context) -> bool:
    """Whether a foreign key leads to a table whose partitions leave it for a moment."""
    if obj.id.kind != "constraint" or obj["type"] != "f":
        return False
    whole = ObjectId("table", obj.get("references_schema"), obj.get("references_table"))
    return any(attachment(m) in ctx.taken for m in _family(whole, ctx, before=True))


def _calling(obj: Object, ctx: Context) -> bool:
    """Whether an object computes by something that goes, for good or to be made anew."""
    functions = (n for n in ctx.before.needed(obj.id) if n.kind in (*HELD, "collation"))
    return any(n in ctx.taken or (n in ctx.beside and n not in ctx.after) for n in functions)


def called(id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """What a table which is made anew calls in its columns and checks, and is partitioned by."""
    if root(id, ctx) != id:
        return frozenset()
    members = [id, *_family(id, ctx, before=False)]
    parts = [c.id for m in members for k in ("column", "constraint") for c in ctx.of(k, m)]
    found = {n for p in parts for n in ctx.after.needed(p) if n.kind == "function"}
    return (
        frozenset(n for m in members for n in ctx.after.needed(m) if n.kind in parking.HELD) | found
    )


def _moved(id: ObjectId) -> str:
    """Name of the schema in which an old table waits for its rows to be copied."""
    return helper("moved", id.path)


def waiting(id: ObjectId, ctx: Context) -> str:
    """The name of an old table, or of its partition, while its rows wait to be copied."""
    whole = root(id, ctx) or id
    return ident(_moved(whole), id.name).as_string(None)


def _joining(id: ObjectId, ctx: Context) -> list[ObjectId]:
    """Standing tables that become partitions."""
    past = _family(id, ctx, before=True)
    return [m for m in _family(id, ctx, before=False) if m in ctx.before and m not in past]


def _anew(id: ObjectId, ctx: Context) -> bool:
    """Whether a table that leaves its family has to be made anew for it."""
    return needed(ctx.before.objects[id], ctx.after.objects[id], ctx)


def take(id: ObjectId, ctx: Context) -> Work:
    """The old table and its partitions move out of the way; one that stays keeps its rows."""
    schema = ident(_moved(id))
    waiting = converting.parted(id, ctx)
    statements = [*waiting.statements, *_parted(id, ctx)]
    statements += descent.parted(id, ctx)
    if (link := ctx.before.get(attachment(id))) is not None:
        above = ObjectId("table", *link["of"])
        text = render("ALTER TABLE ONLY {} DETACH PARTITION {}", name(above), name(id))
        statements.append(Statement(text, ACCESS_EXCLUSIVE, ctx.shared(above)))
    for member in _joining(id, ctx):
        for parent in ctx.before.objects[member]["parents"]:
            text = render("ALTER TABLE {} NO INHERIT {}", name(member), parent)
            statements.append(Statement(text, ACCESS_EXCLUSIVE, member))
        statements += _let_go(member, ctx)
    moving = render("ALTER TABLE {} SET SCHEMA {}", name(id), schema)
    if ctx.before.objects[id]["of_type"]:
        # The type may be made anew, and nothing of the old one may hold on to it.
        text = render("ALTER TABLE {} NOT OF", name(id))
        statements.append(Statement(text, ACCESS_EXCLUSIVE, id))
    statements += _bound_again(id, ctx)
    statements += _freed(id, ctx)
    statements.append(Statement(render("CREATE SCHEMA {}", schema)))
    statements.append(Statement(moving, ACCESS_EXCLUSIVE, id))
    future = _family(id, ctx, before=False)
    for member in _staying(id, ctx):
        text = render("ALTER TABLE {} SET SCHEMA {}", name(member), schema)
        if member in ctx.after and member not in future:
            if _anew(member, ctx):
                continue  # An exchange of its own has taken it already.
            whole = ident(_moved(id), ctx.before.objects[attachment(member)]["of"][1])
            text = render("ALTER TABLE {} DETACH PARTITION {}", whole, name(member))
        statements.append(Statement(text, ACCESS_EXCLUSIVE, member))
    if _parks(id, ctx):
        statements += parking.parked(_moved(id), id.name, copying.sequences(id, ctx))
    return Work(tuple(statements))


def _parks(id: ObjectId, ctx: Context) -> bool:
    return parking.needed([id, *_family(id, ctx, before=True)], ctx)


def _bound_again(id: ObjectId, ctx: Context) -> list[Statement]:
    """On the way back, sequences that identities take over from go with the table again."""
    found = []
    for column in ctx.of("column", id, before=True) if ctx.backward else ():
        after, sequence = ctx.after.get(column.id), numbered_by(column, ctx)
        if sequence and after and after["identity"] and not column["identity"]:
            text = "ALTER SEQUENCE {} OWNED BY {}"
            own = ident(id.schema, id.name, column.id.name)
            found.append(Statement(render(text, ident(id.schema, sequence), own)))
    return found


def _freed(id: ObjectId, ctx: Context) -> list[Statement]:
    """Columns that are generated by a function that goes: the old table would hold on to it."""
    columns = (c for c in ctx.of("column", id, before=True) if c["generated"])
    text = "ALTER TABLE {} DROP COLUMN {}"
    found = (render(text, name(id), ident(c.id.name)) for c in columns if _calling(c, ctx))
    return [Statement(s, ACCESS_EXCLUSIVE, id) for s in found]


def _parted(id: ObjectId, ctx: Context) -> list[Statement]:
    """Foreign keys to another table that is made anew go first: it could not be dropped before."""
    statements = []
    for member in [id, *_family(id, ctx, before=True)]:
        for own in ctx.of("constraint", member, before=True):
            schema, goal = own.get("references_schema"), own.get("references_table")
            other = ObjectId("table", schema, goal) if own["type"] == "f" else member
            if root(other, ctx) != root(id, ctx) and remade(other, ctx):
                text = "ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}"
                text = render(text, name(member), ident(own.id.name))
                statements.append(Statement(text, ACCESS_EXCLUSIVE, member))
    return statements


def bring(id: ObjectId, ctx: Context) -> Work:
    """The new table with its partitions, and the rows of the old one."""
    done = table(ctx.after.objects[id], ctx, named=True)
    joining = _joining(id, ctx)
    for member in _family(id, ctx, before=False):
        if member not in joining:
            done = done.then(table(ctx.after.objects[member], ctx, named=True))
        if member not in joining or not _attached(member, ctx):
            done = done.then(Work((Statement(_attach(member, ctx)),)))
    statements = copying.copied(id, _moved(id), ctx)
    merged = [h.name for h in _family(id, ctx, before=True) if descent.merges(h, ctx)]
    for old in (*reversed(merged), id.name):
        statements.append(Statement(render("DROP TABLE {}", ident(_moved(id), old))))
    if _parks(id, ctx):
        statements += parking.unparked(_moved(id), copying.sequences(id, ctx))
    statements.append(Statement(render("DROP SCHEMA {}", ident(_moved(id)))))
    back = converting.rejoined(id, ctx)
    statements += [*back.statements, *descent.rejoined(id, ctx)]
    if (link := ctx.after.get(attachment(id))) is not None:
        # With its indexes, so that the whole table's find them.
        above = ObjectId("table", *link["of"])
        statements.append(
            Statement(_attach(id, ctx), SHARE_UPDATE_EXCLUSIVE, ctx.shared(above), late=True)
        )
    return done.then(Work(tuple(statements), refusal=back.refusal))


def _attached(member: ObjectId, ctx: Context) -> bool:
    """Whether a table that joins with its whole is a partition of that already, for those rows."""
    old, new = (state.get(attachment(member)) for state in (ctx.before, ctx.after))
    return old is not None and new is not None and old.attrs == new.attrs


def _let_go(member: ObjectId, ctx: Context) -> list[Statement]:
    """The detachment of a table that joins from where it is a partition, or for other rows."""
    link = ctx.before.get(attachment(member))
    if link is None or _attached(member, ctx):
        return []
    above = ObjectId("table", *link["of"])
    text = render("ALTER TABLE ONLY {} DETACH PARTITION {}", name(above), name(member))
    return [Statement(text, ACCESS_EXCLUSIVE, ctx.shared(above))]


def _attach(member: ObjectId, ctx: Context) -> str:
    fact = ctx.after.objects[attachment(member)]
    text = "ALTER TABLE ONLY {} ATTACH PARTITION {} {}"
    return render(text, ident(*fact["of"]), name(member), fact["bound"])
