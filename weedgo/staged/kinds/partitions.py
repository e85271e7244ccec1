"""That a table is a partition of another, and for which rows."""

from __future__ import annotations

from weedgo.staged.kinds import exchange
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    Kind,
    comma,
    ident,
    name,
    raw,
    render,
)
from weedgo.staged.model import Action, Change, Guard, Object, ObjectId, Stage, Statement, Work


def fact(table: ObjectId) -> ObjectId:
    """The fact that a table is a partition."""
    return ObjectId("partition", table.schema, table.name, "", "table")


def parent(obj: Object) -> ObjectId:
    """The partitioned table of such a fact."""
    return ObjectId("table", *obj["of"])


def attaching(table: ObjectId, ctx: Context) -> bool:
    """Whether the table is attached (perhaps again) in this run."""
    change = ctx.changes.get(fact(table))
    return change is not None and change.after is not None


def inherited(table: ObjectId, catalog_fact: Object | None) -> dict[str, tuple[str, str]]:
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
        done = Work(needs=_ready(obj, ctx))
        if table in ctx.before:
            done = done.then(_constrained(obj, ctx))
        if ctx.before.get(fact(table)) is None:
            done = done.then(_from_default(obj, ctx))
            done = done.then(Work(guards=_outside(obj, ctx)))
        text = render(
            "ALTER TABLE ONLY {} ATTACH PARTITION {} {}", name(above), name(table), obj["bound"]
        )
        statement = Statement(
            text, SHARE_UPDATE_EXCLUSIVE, ctx.shared(above), scans=table in ctx.before
        )
        return done.then(Work((statement, *_returned(obj, ctx))))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        siblings = [c for c in _siblings(parent(after), ctx) if c.id != after.id]
        away = {c.id for c in siblings if c.before is not None and c.after is not None}
        return Work(
            replace=True,
            rebuild=frozenset(away | _referring(parent(before), ctx)),
            needs=frozenset(c.id for c in siblings if c.before is None),
            guards=_homeless(after, ctx),
        )

    def drop(self, obj: Object, ctx: Context) -> Work:
        if exchange.root(obj.id.of, ctx):
            return Work()
        table, above = obj.id.of, parent(obj)
        text = render("ALTER TABLE ONLY {} DETACH PARTITION {}", name(above), name(table))
        done = Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(above)),))
        after = ctx.after.get(obj.id)
        if after is not None:
            return done.then(Work(tuple(_set_aside(after, ctx))))
        return done.then(_freed(obj, ctx))


def _siblings(above: ObjectId, ctx: Context) -> list[Change]:
    """Changes of the partitions of one table."""
    ids = {*ctx.heirs(above), *ctx.heirs(above, before=True)}
    return [ctx.changes[fact(i)] for i in sorted(ids) if fact(i) in ctx.changes]


def _referring(above: ObjectId, ctx: Context) -> set[ObjectId]:
    """Foreign keys to a partitioned table: none of its partitions leaves while rows refer to it."""
    return {
        obj.id
        for obj in ctx.foreign_keys
        if (obj.get("references_schema"), obj.get("references_table")) == (above.schema, above.name)
        and obj.id in ctx.before
    }


def _ready(obj: Object, ctx: Context) -> frozenset[ObjectId]:
    """What stands before the attachment: the indexes to be attached with it; what overlaps is gone."""
    table = obj.id.of
    found = {c.id for c in _siblings(parent(obj), ctx) if c.before is not None and c.id != obj.id}
    for kind, key in (("index", "parent_index"), ("constraint", "parent_constraint")):
        for own in ctx.of(kind, table):
            above = own.get("above")
            if own[key] and above and _stands(ObjectId(*above), ctx):
                found.add(own.id)
    return frozenset(i for i in found if i in ctx.changes)


def _stands(id: ObjectId, ctx: Context) -> bool:
    return id in ctx.before and id in ctx.after and id not in ctx.changes


def _constrained(obj: Object, ctx: Context) -> Work:
    """Checks of the partitioned table that the partition-to-be lacks."""
    table = obj.id.of
    done = Work()
    standing = ctx.before.get(fact(table))
    have = set(inherited(table, standing)) if standing else set()
    for check, (kind, definition) in inherited(table, obj).items():
        own = ObjectId("constraint", table.schema, check, table.name)
        if kind == "c" and own not in ctx.before and check not in have:
            text = render(
                "ALTER TABLE {} ADD CONSTRAINT {} {}", name(table), ident(check), raw(definition)
            )
            done = done.then(
                Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table), scans=True),))
            )
    return done


def _freed(obj: Object, ctx: Context) -> Work:
    """After a detachment: what the partition had from its parent goes unless the source has it."""
    table = obj.id.of
    if table not in ctx.after:
        return Work()
    statements = []
    for constraint, (_, definition) in inherited(table, obj).items():
        wanted = ctx.after.get(ObjectId("constraint", table.schema, constraint, table.name))
        if wanted is None or wanted["definition"] != definition:
            text = render("ALTER TABLE {} DROP CONSTRAINT {}", name(table), ident(constraint))
            statements.append(Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table)))
    return Work(tuple(statements))


# -- rows


def _condition(obj: Object) -> str:
    """Which rows the partition takes, as SQL; empty where that cannot be said (hash partitions)."""
    text = str(obj.get("constraint") or "")
    return "" if "satisfies_hash_partition" in text else text


def _columns(table: ObjectId, ctx: Context) -> str:
    columns = [c for c in ctx.of("column", table) if not c["generated"]]
    return comma([ident(c.id.name).as_string(None) for c in columns])


def _aside(table: ObjectId) -> str:
    return render("{}", ident("pg_temp", f"weedgo_{table.name}"[:63]))


def _set_aside(after: Object, ctx: Context) -> list[Statement]:
    """Rows that a partition with new bounds has no place for any more."""
    table, condition = after.id.of, _condition(after)
    if not condition:
        return []
    temporary = ident(f"weedgo_{table.name}"[:63])
    outside = f"WHERE ({condition}) IS NOT TRUE"
    create = "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT * FROM {} {}"
    return [
        Statement(render(create, temporary, name(table), raw(outside)), scans=True),
        Statement(render("DELETE FROM {} {}", name(table), raw(outside)), scans=True),
    ]


def _returned(obj: Object, ctx: Context) -> list[Statement]:
    """After the last of a table's partitions: the rows set aside, to where they belong now."""
    above = parent(obj)
    moved = [c for c in _siblings(above, ctx) if c.before and c.after]
    last = max((c.id for c in _siblings(above, ctx) if c.after), default=None)
    if obj.id != last:
        return []
    found = []
    for change in moved:
        if change.after and _condition(change.after):
            table = change.id.of
            columns = _columns(table, ctx)
            text = "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}"
            found.append(render(text, name(above), raw(columns), raw(columns), raw(_aside(table))))
    return [Statement(s) for s in found]


def _from_default(obj: Object, ctx: Context) -> Work:
    """Rows that the default partition held until now go to the new partition."""
    above, condition = parent(obj), _condition(obj)
    new = ctx.after.get(obj.id.of)
    for heir in ctx.heirs(above, before=True):
        default = ctx.before.get(fact(heir))
        if default is None or default["bound"] != "DEFAULT" or not condition:
            continue
        if fact(heir) not in ctx.after or new is None or new["partition_key"]:
            continue
        columns = _columns(obj.id.of, ctx)
        text = render(
            "WITH gone AS (DELETE FROM {} WHERE {} RETURNING *)"
            " INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM gone",
            name(heir),
            raw(condition),
            name(obj.id.of),
            raw(columns),
            raw(columns),
        )
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(heir), scans=True),))
    return Work()


def _outside(obj: Object, ctx: Context) -> tuple[Guard, ...]:
    """Rows of a standing table that the bounds of its partition-to-be do not take."""
    table, condition = obj.id.of, _condition(obj)
    if table not in ctx.before or not condition:
        return ()
    query = render("SELECT count(*) FROM {} WHERE ({}) IS NOT TRUE", name(table), raw(condition))
    message = f"{{count}} rows of {table.path} are outside the bounds {obj['bound']}"
    return (Guard(query, message, f"move them first: {query}"),)


def _homeless(after: Object, ctx: Context) -> tuple[Guard, ...]:
    """Rows of a partition with new bounds that no partition would take."""
    facts = [ctx.after.get(fact(h)) for h in ctx.heirs(parent(after))]
    known = [f for f in facts if f is not None]
    if any(f["bound"] == "DEFAULT" or not _condition(f) for f in known):
        return ()
    homes = " OR ".join(f"({_condition(f)})" for f in known)
    table = after.id.of
    query = render("SELECT count(*) FROM {} WHERE ({}) IS NOT TRUE", name(table), raw(homes))
    message = f"{{count}} rows of {table.path} would have no partition"
    return (Guard(query, message, "add partitions for them to the source, or a default partition"),)


__all__ = ["Action", "PartitionKind", "attaching", "fact", "inherited", "parent"]
