"""That a table is a partition of another, and for which rows."""

from __future__ import annotations

import re

from weedgo.staged.kinds import exchange, rivals
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    Kind,
    attachment,
    ident,
    literal,
    name,
    raw,
    render,
)
from weedgo.staged.model import Action, Change, Guard, Object, ObjectId, Stage, Statement, Work

_HASHED = re.compile(r"'\d+'::oid(?=, \d+, \d+)")


def parent(obj: Object) -> ObjectId:
    """The partitioned table of such a fact."""
    return ObjectId("table", *obj["of"])


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
        done = done.then(_from_default(obj, ctx))
        if ctx.before.get(attachment(table)) is None:
            done = done.then(Work(guards=_outside(obj, ctx)))
        text = "ALTER TABLE ONLY {} ATTACH PARTITION {} {}"
        text = render(text, name(above), name(table), obj["bound"])
        scans = table in ctx.before
        statement = Statement(text, SHARE_UPDATE_EXCLUSIVE, ctx.shared(above), scans=scans)
        return done.then(Work((statement, *_returned(obj, ctx))))

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
            guards=_homeless(after, ctx),
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
        if retired or (table in ctx.after and obj.id not in ctx.after):
            return done.then(_freed(obj, ctx))
        done = done.then(Work(tuple(_set_aside(obj, ctx))))
        if not any(c.after for c in siblings(above, ctx)):
            done = done.then(Work(tuple(_put_back(above, ctx))))
        return done


def siblings(above: ObjectId, ctx: Context) -> list[Change]:
    """Changes of the partitions of one table."""
    ids = {*ctx.heirs(above), *ctx.heirs(above, before=True)}
    return [ctx.changes[attachment(i)] for i in sorted(ids) if attachment(i) in ctx.changes]


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
    found |= {attachment(heir) for heir in ctx.heirs(table)}
    found |= {c.id for c in ctx.of("column", table)}
    # A column of the whole that goes has gone: a new partition is made without it.
    found |= {c.id for c in ctx.of("column", above, before=True) if c.id not in ctx.after}
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
    """The indexes of the table that a partition leaves for, and its own that join them."""
    if before["of"] == after["of"]:
        return frozenset()
    found: set[ObjectId] = set()
    for own in (*ctx.of("index", after.id.of), *ctx.of("constraint", after.id.of)):
        if above := own.get("above"):
            found |= {own.id, ObjectId(*above)}
    return frozenset(i for i in found if i in ctx.changes)


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
    have = set(inherited(standing)) if standing else set()
    for check, (kind, definition) in inherited(obj).items():
        own = ObjectId("constraint", table.schema, check, table.name)
        if kind == "c" and own not in ctx.before and check not in have:
            # On the way back the table may have been made with it.
            again = render("DROP CONSTRAINT IF EXISTS {}, ", ident(check)) if ctx.backward else ""
            text = "ALTER TABLE {} {}ADD CONSTRAINT {} {}"
            text = render(text, name(table), again, ident(check), raw(definition))
            statement = Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table), scans=True)
            done = done.then(Work((statement,)))
    return done


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


# -- rows


def _condition(obj: Object) -> str:
    """Which of its table's rows a partition takes, as SQL; empty for all that it is given."""
    text = str(obj.get("constraint") or "")
    above = str(obj.get("constraint_above") or "")
    if above and text.startswith(f"{above[:-1]} AND "):
        text = "(" + text[len(f"{above[:-1]} AND ") :]
    # Which rows a hash takes is asked of the table itself, by its number on its own server.
    table = literal(render("{}", name(parent(obj))))
    return _HASHED.sub(lambda _: render("{}::pg_catalog.regclass", table), text)


def _moved(rows: str, goal: ObjectId, first: str = "", known: str = "") -> str:
    """An INSERT of rows from elsewhere, with the columns that there are when it runs.

    Args:
        rows: the relation that has them.
        goal: the table that takes them.
        first: what stands before INSERT.
        known: the relation of which the rows may lack columns that have come since.
    """
    parts = (first, render("INSERT INTO {} (", name(goal)), f" FROM {rows}")
    before, into, after = (part.replace("%", "%%") for part in parts)
    insert = f"{before}{into}%1$s) OVERRIDING SYSTEM VALUE SELECT %2$s{after}"
    body = render(
        "BEGIN EXECUTE (SELECT pg_catalog.format({}, pg_catalog.string_agg({}, ', ' ORDER BY"
        " a.attnum), pg_catalog.string_agg({}, ', ' ORDER BY a.attnum))"
        " FROM pg_catalog.pg_attribute a{} WHERE a.attrelid = {}::pg_catalog.regclass"
        " AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''); END",
        literal(insert),
        _QUOTED,
        _CAST if known else _QUOTED,
        render(_SHARED, literal(known)) if known else "",
        literal(render("{}", name(goal))),
    )
    return render("DO {}", literal(body))


_QUOTED = "pg_catalog.quote_ident(a.attname)"
# Without its length, so that nothing is cut off.
_CAST = (
    f"CASE WHEN a.atttypid = o.atttypid THEN {_QUOTED} ELSE {_QUOTED} || '::' ||"
    " pg_catalog.format_type(a.atttypid, NULL) END"
)
_SHARED = (
    " JOIN pg_catalog.pg_attribute o ON o.attrelid = {}::pg_catalog.regclass"
    " AND o.attname = a.attname AND o.attnum > 0"
)


def _aside(table: ObjectId) -> str:
    return render("{}", ident("pg_temp", f"weedgo_{table.name}"[:63]))


def _leaving(obj: Object, ctx: Context) -> str:
    """Which rows of a partition that is detached for new bounds, or for good, go elsewhere."""
    after = ctx.after.get(obj.id)
    if after is not None:
        condition = _condition(after)
        if after["bound"] == obj["bound"] and condition == _condition(obj):
            return ""
        return f"({condition}) IS NOT TRUE" if condition else ""
    others = [f for h in ctx.heirs(parent(obj)) if (f := ctx.after.get(attachment(h))) is not None]
    if not others:
        return ""
    if any(f["bound"] == "DEFAULT" or not _condition(f) for f in others):
        return "true"
    changed = [f for f in others if f.id in ctx.changes]
    return " OR ".join(f"({_condition(f)})" for f in changed)


def _set_aside(obj: Object, ctx: Context) -> list[Statement]:
    """Rows that a detached partition has no place for, but others have."""
    table, leaving = obj.id.of, _leaving(obj, ctx)
    if not leaving:
        return []
    temporary = ident(f"weedgo_{table.name}"[:63])
    create = "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT * FROM {} WHERE {}"
    return [
        Statement(render(create, temporary, name(table), raw(leaving)), scans=True),
        Statement(render("DELETE FROM {} WHERE {}", name(table), raw(leaving)), scans=True),
    ]


def _returned(obj: Object, ctx: Context) -> list[Statement]:
    """After the last of a table's partitions: the rows set aside, to where they belong now."""
    above = parent(obj)
    standing = (c for c in siblings(above, ctx) if not exchange.root(c.id.of, ctx))
    last = max((c.id for c in standing if c.after), default=None)
    return _put_back(above, ctx) if obj.id == last else []


def _put_back(above: ObjectId, ctx: Context) -> list[Statement]:
    found = []
    for change in siblings(above, ctx):
        if change.before is None or (change.after is None and change.id.of in ctx.after):
            continue
        if exchange.root(change.id.of, ctx):
            continue  # Its rows have been copied.
        table = ctx.changes.get(change.id.of)
        if table is not None and table.aside:
            continue  # It is retired with its rows.
        if _leaving(change.before, ctx):
            rows = _aside(change.id.of)
            found.append(_moved(rows, above, known=rows))
    return [Statement(s) for s in found]


def _from_default(obj: Object, ctx: Context) -> Work:
    """Rows that the default partition held until now go to the new partition."""
    above, condition = parent(obj), _condition(obj)
    new = ctx.after.get(obj.id.of)
    for heir in ctx.heirs(above, before=True):
        default = ctx.before.get(attachment(heir))
        if default is None or default["bound"] != "DEFAULT" or not condition:
            continue
        if attachment(heir) not in ctx.after or attachment(heir) in ctx.changes or new is None:
            continue
        comes = ctx.whole.get(attachment(heir))
        if comes is not None and comes.before is None:
            continue  # It may not be there yet, and holds nothing that is the new one's.
        gone = "WITH gone AS (DELETE FROM {} WHERE {} RETURNING *) "
        text = _moved("gone", obj.id.of, render(gone, name(heir), raw(condition)))
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(heir), scans=True),))
    return Work()


def _outside(obj: Object, ctx: Context) -> tuple[Guard, ...]:
    """Rows of a standing table that the bounds of its partition-to-be do not take."""
    table, condition = obj.id.of, str(obj.get("constraint") or "")
    if table not in ctx.before or not _condition(obj):
        return ()
    query = render("SELECT count(*) FROM {} WHERE ({}) IS NOT TRUE", name(table), raw(condition))
    message = f"{{count}} rows of {table.path} are outside the bounds {obj['bound']}"
    return (Guard(query, message, f"move them first: {query}"),)


def _homeless(after: Object, ctx: Context) -> tuple[Guard, ...]:
    """Rows of a partition with new bounds that no partition would take."""
    facts = [ctx.after.get(attachment(h)) for h in ctx.heirs(parent(after))]
    known = [f for f in facts if f is not None]
    if any(f["bound"] == "DEFAULT" or not _condition(f) for f in known):
        return ()
    homes = " OR ".join(f"({_condition(f)})" for f in known)
    table = after.id.of
    query = render("SELECT count(*) FROM {} WHERE ({}) IS NOT TRUE", name(table), raw(homes))
    message = f"{{count}} rows of {table.path} would have no partition"
    return (Guard(query, message, "add partitions for them to the source, or a default partition"),)


__all__ = ["Action", "PartitionKind", "attaching", "inherited", "parent"]
