"""A partition's index or key and that of its whole: what comes, goes and is attached with what."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2s

from weedgo.staged.kinds import exchange, keys
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    Context,
    attachment,
    ident,
    name,
    render,
)
from weedgo.staged.kinds.partitions import leaves, parent
from weedgo.staged.model import Action, Change, Object, ObjectId, Statement, Work

_NAME_LENGTH = 63


def table_of(obj: Object) -> ObjectId:
    """The relation that the index is on."""
    kind = "materialized_view" if obj.get("relkind") == "m" else "table"
    return ObjectId(kind, obj.id.schema, obj["table"])


def goes_along(obj: Object, ctx: Context) -> bool:
    """Whether an index or key goes because that of the partitioned table goes."""
    above = obj.get("above")
    change = ctx.changes.get(ObjectId(*above)) if above else None
    return change is not None and change.action is Action.DROP


def going_with(obj: Object, table: ObjectId, ctx: Context) -> ObjectId | None:
    """What a partition's index or key goes with: the whole table's, or the partition itself."""
    if not ctx.backward and moved(table, ctx):
        return None  # It stays with the table, and goes by itself.
    return ObjectId(*obj.get("above")) if goes_along(obj, ctx) else _detachment(obj, table, ctx)


def _stays(id: ObjectId, ctx: Context) -> bool:
    """Whether the partitioned table's is the same in both states."""
    old, new = ctx.before.get(id), ctx.after.get(id)
    return old is not None and new is not None and old["definition"] == new["definition"]


def held(obj: Object, table: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """The partitioned table's index or key without which that of a partition cannot go alone."""
    above = obj.get("above")
    link = (ctx.whole or ctx.changes).get(attachment(table))
    if not above or link is not None or ObjectId(*above) not in ctx.before:
        return frozenset()
    return frozenset({ObjectId(*above)}) if _stays(ObjectId(*above), ctx) else frozenset()


def uppermost(obj: Object, ctx: Context) -> str:
    """The drop of a partitioned table's index or key, with which those of the partitions go.

    Where several steps made them, the undo of each is the same plain drop.
    """
    id = obj.id
    if moved(ObjectId("table", id.schema, id.parent or obj.get("table")), ctx):
        return ""  # It is no part of that one's by then.
    for ancestor in obj.get("line") or ():
        above = ObjectId(*ancestor)
        if _stays(above, ctx):
            break
        id = above
    if id == obj.id and obj.get("relkind") != "p":
        return ""
    if id.kind == "index":
        keyed = obj.id.kind == "constraint" or keys_below(id, table_of(obj), ctx)
        return keys.drop_index(id, keyed=keyed)
    table = ident(id.schema, id.parent)
    return render("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", table, ident(id.name))


def keys_below(id: ObjectId, table: ObjectId, ctx: Context) -> bool:
    """Whether keys of partitions are parts of a mere index of the whole: they go with it only."""
    for heir in ctx.heirs(table, before=True):
        parts = ctx.of("constraint", heir, before=True)
        if any(p.get("above") and ObjectId(*p.get("above")) == id for p in parts):
            return True
        below = (i for i in ctx.of("index", heir, before=True) if i.get("above"))
        if any(ObjectId(*i.get("above")) == id and keys_below(i.id, heir, ctx) for i in below):
            return True
    return False


def comes_along(obj: Object, table: ObjectId, ctx: Context) -> bool:
    """Whether an index or key is attached because its table is."""
    link = ctx.after.get(attachment(table))
    if not obj.get("above") or link is None or exchange.root(table, ctx):
        return False
    if moved(table, ctx):
        # What went did so after that its table had left: it is back before that.
        back = ctx.changes.get(obj.id) if ctx.backward else None
        return not returned(table, ctx) or (back is not None and back.before is None)
    whole = ObjectId(*obj.get("above"))
    later = ctx.whole.get(link.id) if ctx.backward and link.id not in ctx.changes else None
    parted = later is not None and later.before is None
    parted = parted and _as_it_is(parent(link), ctx.whole)
    parted = parted and (exchange.remade(parent(link), ctx) or not grows(parent(link), ctx))
    if parted and whole in ctx.changes:
        return True  # The detachment is undone after that the whole index went.
    if _as_it_is(table, ctx.changes) and link.id in ctx.before:
        # One that only gets other bounds would get another index for that of the whole, but takes
        # it later where the whole index is new: a table's attachment never makes that one valid.
        return link.id in ctx.changes and whole not in ctx.changes and _stays(whole, ctx)
    return parent(link) in ctx.before and whole in ctx.before


def _as_it_is(table: ObjectId, changes: Mapping[ObjectId, Change]) -> bool:
    """Whether a table neither comes nor goes, whatever else is done to it."""
    change = changes.get(table)
    return change is None or (change.before is not None and change.after is not None)


def moved(table: ObjectId, ctx: Context) -> bool:
    """Whether a partition leaves for another table: its indexes become parts of that one's."""
    link = (ctx.whole or ctx.changes).get(attachment(table))
    return link is not None and leaves(link)


def returned(table: ObjectId, ctx: Context) -> bool:
    """Whether a partition that left for another table is back: on the way back it is first."""
    link = attachment(table)
    return ctx.backward and link not in ctx.changes and moved(table, ctx)


def apart(part: ObjectId, table: ObjectId, ctx: Context) -> bool:
    """Whether a part of an index or key is none any more, as its table has left for another."""
    return returned(table, ctx) if ctx.backward else part not in ctx.after and moved(table, ctx)


def only_standing(obj: Object, table: ObjectId, ctx: Context) -> list[ObjectId]:
    """Partitions of an index's or key's table that only the target has, and keeps."""
    if obj.get("relkind") != "p" or table not in ctx.before:
        return []
    heirs = (h for h in ctx.heirs(table, before=True) if h not in ctx.after)
    return [h for h in heirs if attachment(h) in ctx.before and attachment(h) not in ctx.changes]


def own_name(obj: Object, partition: ObjectId) -> str:
    """What a partition's part of an index or key is called, where the source does not say."""
    whole = f"{partition.name}_{obj.id.name}"
    if len(whole.encode()) <= _NAME_LENGTH:
        return whole
    digest = blake2s(whole.encode(), digest_size=4).hexdigest()
    return f"{whole.encode()[: _NAME_LENGTH - 9].decode(errors='ignore')}_{digest}"


def joined(obj: Object, partition: ObjectId, own: str, phase: int) -> Statement:
    """A partition's index made a part of the whole one."""
    text = "ALTER INDEX {} ATTACH PARTITION {}"
    text = render(text, name(obj.id._replace(parent="")), ident(partition.schema, own))
    return Statement(text, ACCESS_EXCLUSIVE, partition, phase=phase)


def families_first(obj: Object, table: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """The attachments that come before a partitioned table's new index."""
    if obj.get("relkind") != "p":
        return frozenset()
    changes = (ctx.changes.get(attachment(heir)) for heir in ctx.heirs(table))
    come = frozenset(c.id for c in changes if c is not None and c.after and not leaves(c))
    return come | left_first(table, ctx)


def left_first(table: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """Partitions that leave for another table before a new index, which is not valid else."""
    links = (ctx.changes.get(attachment(heir)) for heir in ctx.heirs(table, before=True))
    leaving = (c for c in links if c is not None and leaves(c))
    return frozenset(c.id for c in leaving if c.before and parent(c.before) == table)


def grows(table: ObjectId, ctx: Context) -> bool:
    """Whether partitions come to a table on the way there: its indexes go before any leaves."""
    links = (c for i, c in (ctx.whole or ctx.changes).items() if i.kind == "partition")
    pairs = ((c.after, c.before) if ctx.backward else (c.before, c.after) for c in links)
    return any(old is None and new is not None and parent(new) == table for old, new in pairs)


def joining(obj: Object, table: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """Partitions that come after a partitioned table's index or key has gone.

    They would get one of their own for it otherwise, perhaps under a name that is to be another's.
    """
    if obj.get("relkind") != "p" or table not in ctx.after:
        return frozenset()
    changes = (ctx.changes.get(attachment(heir)) for heir in ctx.heirs(table))
    return frozenset(c.id for c in changes if c is not None and c.before is None)


def _detachment(obj: Object, table: ObjectId, ctx: Context) -> ObjectId | None:
    """The detachment of a table, with which goes what it is not to keep of its parent's."""
    link = ctx.changes.get(attachment(table))
    goes = link is not None and link.after is None and table in ctx.after
    return link.id if link is not None and goes and obj.get("above") else None


def attached(obj: Object, table: ObjectId, ctx: Context, phase: int) -> Work:
    """The index made a part of the partitioned table's, unless the table's attachment does it."""
    if not obj.get("above") or comes_along(obj, table, ctx):
        return Work()
    root = exchange.root(table, ctx)
    _, schema, whole = obj.get("above")[:3]
    text = render(
        "ALTER INDEX {} ATTACH PARTITION {}",
        ident(schema, whole),
        ident(obj.id.schema, obj.id.name),
    )
    first = frozenset(
        i for i in (attachment(table), ObjectId(*obj.get("above"))) if i in ctx.changes
    )
    if root is not None:
        # In the exchange, before the whole family is attached to what it is a part of.
        phase = 0 if root != table else max(phase, 1)
    statement = Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table), phase=phase)
    return Work((statement,), needs=first)
