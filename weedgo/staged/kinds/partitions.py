"""That a table is a partition of another, and for which rows."""

from __future__ import annotations

from weedgo.staged.kinds import exchange, placing, returning, rivals
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    Kind,
    attachment,
    ident,
    name,
    raw,
    render,
)
from weedgo.staged.kinds.placing import parent, siblings
from weedgo.staged.model import Action, Change, Object, ObjectId, Stage, Statement, Work


def attaching(table: ObjectId, ctx: Context) -> bool:
    """Whether the table is attached (perhaps again) in this run."""
    change = ctx.changes.get(attachment(table))
    return change is not None and change.after is not None


def joined(above: ObjectId, ctx: Context) -> bool:
    """Whether partitions come to a partitioned table that stays."""
    stays = above in ctx.before and above in ctx.after
    return stays and any(c.before is None for c in siblings(above, ctx))


def inherited(catalog_fact: Object | None) -> dict[str, tuple[str, str]]:
    """Constraints that a partition has from its parent: type and definition by name."""
    found = (catalog_fact.get("constraints") or []) if catalog_fact else []
    return {n: (kind, definition) for n, kind, definition in found}


class PartitionKind(Kind):
    """``ATTACH PARTITION`` and ``DETACH PARTITION``: the rows stay in the partition."""

    name = "partition"
    stage = Stage.TABLES
    label = "partitions"

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        return exchange.root(change.id.of, ctx)

    def create(self, obj: Object, ctx: Context) -> Work:
        if exchange.root(obj.id.of, ctx):
            return Work()
        table, above = obj.id.of, parent(obj)
        others = rivals.standing(obj, ctx)
        staying = frozenset(i for i in others if i in ctx.after)
        ready = _ready(obj, ctx) | _indexed(obj, ctx) | (others - staying)
        done = Work(needs=ready, rebuild=staying | _moving(above, ctx))
        if table in ctx.before:
            done = done.then(_constrained(obj, ctx))
        if (moves := placing.from_default(obj, ctx)).statements:
            # Rows that others refer to leave their partition, as far as a foreign key can see.
            held = Work(rebuild=frozenset(_referring(above, ctx)), needs=_released(above, ctx))
            done = done.then(moves).then(held)
        if ctx.before.get(attachment(table)) is None:
            done = done.then(Work(guards=placing.outside(obj, ctx)))
        text = "ALTER TABLE ONLY {} ATTACH PARTITION {} {}"
        text = render(text, name(above), name(table), obj["bound"])
        scans = table in ctx.before
        statement = Statement(text, SHARE_UPDATE_EXCLUSIVE, ctx.shared(above), scans=scans)
        return done.then(Work((statement, *placing.returned(obj, ctx))))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if exchange.root(after.id.of, ctx):
            return Work()
        away = _moving(parent(after), ctx) | _referring(parent(before), ctx)
        parts = _joining(after, ctx)
        away |= rivals.standing(after, ctx) | parts
        made = frozenset(c.id for c in siblings(parent(after), ctx) if c.before is None)
        made |= _released(parent(before), ctx)
        return Work(
            replace=True,
            rebuild=frozenset(away - {after.id}),
            needs=made | _ready(after, ctx) | _taking(before, after, ctx) | parts,
            guards=placing.homeless(after, ctx),
        )

    def drop(self, obj: Object, ctx: Context) -> Work:
        if exchange.root(obj.id.of, ctx):
            return Work()
        table, above = obj.id.of, parent(obj)
        text = render("ALTER TABLE ONLY {} DETACH PARTITION {}", name(above), name(table))
        statement = Statement(text, ACCESS_EXCLUSIVE, ctx.shared(above))
        freed = _released(above, ctx)
        done = Work((statement,), rebuild=frozenset(_referring(above, ctx)), needs=freed)
        change = ctx.changes.get(table)
        retired = change is not None and change.aside
        if retired:
            done = done.then(Work(needs=_covered(obj, ctx)))
        if retired or (table in ctx.after and obj.id not in ctx.after):
            return done.then(_freed(obj, ctx))
        done = done.then(Work((*_left_over(obj, ctx), *placing.set_aside(obj, ctx))))
        if not any(c.after for c in siblings(above, ctx)):
            done = done.then(Work(tuple(placing.put_back(above, ctx, obj.id))))
        return done


def _covered(obj: Object, ctx: Context) -> frozenset[ObjectId]:
    """Indexes and keys of the whole that go, with a retired partition's parts, before it leaves."""
    table = obj.id.of
    own = (*ctx.of("constraint", table, before=True), *ctx.of("index", table, before=True))
    wholes = (ObjectId(*part.get("above")) for part in own if part.get("above"))
    return frozenset(i for i in wholes if i in ctx.changes and i not in ctx.after)


def _moving(above: ObjectId, ctx: Context) -> set[ObjectId]:
    """Partitions that leave their bounds: all in one transaction, for their rows change places."""
    return {c.id for c in siblings(above, ctx) if c.before is not None}


def _referring(above: ObjectId, ctx: Context) -> set[ObjectId]:
    """Foreign keys to a partitioned table: none of its partitions leaves while rows refer to it."""
    return {i for i in exchange.referring(above, ctx) if i in ctx.before and i in ctx.after}


def _released(above: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """Foreign keys to a partitioned table that go for good: before any of its partitions leaves."""
    found = exchange.referring(above, ctx)
    return frozenset(i for i in found if i in ctx.changes and i not in ctx.after)


def _ready(obj: Object, ctx: Context) -> frozenset[ObjectId]:
    """What comes before the attachment: columns, own partitions; and what overlaps is gone."""
    table, above = obj.id.of, parent(obj)
    found = {c.id for c in siblings(above, ctx) if c.before is not None and c.id != obj.id}
    first = (above,) if _numbered(table, ctx) else ctx.heirs(table)
    found |= {attachment(member) for member in first}
    found |= {c.id for before in (True, False) for c in ctx.of("column", table, before=before)}
    if ctx.backward or (table in ctx.before and attachment(table) not in ctx.before):
        # As they were when it left, or of the same types as its own.
        found |= {c.id for c in ctx.of("column", above)}
    # A column of the whole that goes, or its NOT NULL, has gone: a new partition is made without.
    found |= {c.id for c in ctx.of("column", above, before=True) if _loosened(c, ctx)}
    # A check that its table got before would be its own for ever.
    checks = {n for n, (kind, _) in inherited(obj).items() if kind == "c"}
    checks |= {c.id.name for c in ctx.of("constraint", above, before=True) if c["type"] == "c"}
    found |= {ObjectId("constraint", above.schema, check, above.name) for check in checks}
    whole = ctx.after.get(above)
    keys = (whole["key_types"] if whole else None) or ()
    for column in ctx.of("column", above):
        if any(key.startswith(f"{column.id.name} ") for key in keys):
            # The values of its bounds are of these types.
            needed = ctx.after.needed(column.id)
            found |= {n for n in needed if n.kind in ("enum", "domain")}
    return frozenset(i for i in found if i in ctx.changes)


def _numbered(table: ObjectId, ctx: Context) -> bool:
    """Whether a new table is to have an identity from its whole (17).

    PostgreSQL gives it to what is attached, and not to partitions that this has already.
    """
    link = ctx.after.get(attachment(table))
    if link is None:
        return any(c["identity"] for c in ctx.of("column", table))
    return ctx.before.major >= 17 and table not in ctx.before and _numbered(parent(link), ctx)


def _loosened(column: Object, ctx: Context) -> bool:
    after = ctx.after.get(column.id)
    return after is None or bool(column["not_null"] and not after["not_null"])


def _indexed(obj: Object, ctx: Context) -> frozenset[ObjectId]:
    """The indexes that are attached with a table."""
    table = obj.id.of
    found: set[ObjectId] = set()
    if parent(obj) in ctx.before:
        for own in (*ctx.of("index", table), *ctx.of("constraint", table)):
            if (above := own.get("above")) and ObjectId(*above) in ctx.before:
                found |= {own.id, ObjectId(*above), *_below(own.id, table, ctx)}
    return frozenset(i for i in found if i in ctx.changes)


def leaves(change: Change) -> bool:
    """Whether a partition leaves for another table."""
    return bool(change.before and change.after and change.before["of"] != change.after["of"])


def _taking(before: Object, after: Object, ctx: Context) -> frozenset[ObjectId]:
    """The indexes of the table that a partition leaves for, and its own that join them.

    They may be the same as before, and made again with the whole one that they go with.
    """
    if before["of"] == after["of"]:
        return frozenset()
    found: set[ObjectId] = set()
    for own in (*ctx.of("index", after.id.of), *ctx.of("constraint", after.id.of)):
        if above := own.get("above"):
            found |= {own.id, ObjectId(*above)}
    return frozenset(i for i in found if i in ctx.changes or i.kind == "index")


def _joining(obj: Object, ctx: Context) -> frozenset[ObjectId]:
    """New indexes of a partition for those of its whole that stay: else it would get others."""
    found: set[ObjectId] = set()
    for own in (*ctx.of("index", obj.id.of), *ctx.of("constraint", obj.id.of)):
        whole = ObjectId(*own.get("above")) if own.get("above") else None
        if own.id not in ctx.before and whole in ctx.before and whole not in ctx.changes:
            found |= {own.id, *_below(own.id, obj.id.of, ctx)}
    return frozenset(i for i in found if i in ctx.changes)


def _below(id: ObjectId, table: ObjectId, ctx: Context) -> set[ObjectId]:
    """The indexes of a partition's own partitions: without them its index is not valid."""
    found = set()
    for heir in ctx.heirs(table):
        for own in (*ctx.of("index", heir), *ctx.of("constraint", heir)):
            if own.get("above") and ObjectId(*own.get("above")) == id:
                found |= {own.id, *_below(own.id, heir, ctx)}
    return found


def _constrained(obj: Object, ctx: Context) -> Work:
    """Checks of the partitioned table that the partition-to-be lacks."""
    table = obj.id.of
    done = Work()
    standing = ctx.before.get(attachment(table))
    have = inherited(standing) if standing else {}
    for check, kind, definition in returning.checks(table, obj.get("constraints") or [], ctx):
        own = ObjectId("constraint", table.schema, check, table.name)
        if kind != "c" or own in ctx.before or _has(obj, check, have, ctx):
            continue
        # On the way back the table may have been made with it.
        perhaps = ctx.backward or check in have
        again = render("DROP CONSTRAINT IF EXISTS {}, ", ident(check)) if perhaps else ""
        text = "ALTER TABLE {} {}ADD CONSTRAINT {} {}"
        text = render(text, name(table), again, ident(check), raw(definition))
        statement = Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table), scans=True)
        done = done.then(Work((statement,)))
    return done


def _has(obj: Object, check: str, have: dict[str, tuple[str, str]], ctx: Context) -> bool:
    """Whether a partition that is detached for the moment has a check of its whole then."""
    if check in have and have[check] == inherited(obj).get(check):
        return True
    # What changes in another step reaches the partition, which is one at that moment.
    line = (ObjectId("constraint", schema, check, name) for schema, name in _line(obj, ctx))
    changed = [i for i in line if i in (ctx.whole or ctx.changes)]
    here = ctx.changes if ctx.backward else ctx.beside
    return obj.id in ctx.before and any(i not in here for i in changed)


def _line(obj: Object, ctx: Context) -> list[tuple[str, str]]:
    """Schema and name of the tables that a table is to be a partition of, near and far."""
    above = parent(obj)
    link = ctx.after.get(attachment(above))
    return [(above.schema, above.name), *(_line(link, ctx) if link else ())]


def _freed(obj: Object, ctx: Context) -> Work:
    """After a detachment: what the partition had from its parent goes unless the source has it."""
    table = obj.id.of
    statements = []
    for constraint, (_, definition) in inherited(obj).items():
        wanted = ctx.after.get(ObjectId("constraint", table.schema, constraint, table.name))
        if wanted is None or wanted["definition"] != definition:
            text = "ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}"
            text = render(text, name(table), ident(constraint))
            statements.append(Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table)))
    for own in (*ctx.of("constraint", table, before=True), *ctx.of("index", table, before=True)):
        if own.get("above") and own.id in ctx.changes and own.id not in ctx.after:
            # With the whole table's it may have gone before.
            text = render("DROP INDEX IF EXISTS {}", name(own.id))
            if own.id.kind == "constraint":
                text = "ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}"
                text = render(text, name(table), ident(own.id.name))
            statements.append(Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table)))
    return Work(tuple(statements))


def _left_over(obj: Object, ctx: Context) -> list[Statement]:
    """Foreign keys that stay with a partition that leaves for a table which has none such."""
    after = ctx.after.get(obj.id)
    if after is None or after["of"] == obj["of"]:
        return []
    table, have = obj.id.of, inherited(after)
    found = []
    for constraint, (kind, definition) in inherited(obj).items():
        own = ObjectId("constraint", table.schema, constraint, table.name)
        if kind != "f" or own in ctx.after:
            continue
        if have.get(constraint) == (kind, definition) and _stands(parent(after), constraint, ctx):
            continue
        # That of the whole table may have gone before.
        text = "ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}"
        text = render(text, name(table), ident(constraint))
        found.append(Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table)))
    return found


def _stands(table: ObjectId, constraint: str, ctx: Context) -> bool:
    id = ObjectId("constraint", table.schema, constraint, table.name)
    change = (ctx.whole or ctx.changes).get(id)
    return id in ctx.before and (change is None or change.before is not None)


__all__ = ["Action", "PartitionKind", "attaching", "inherited", "parent", "siblings"]
