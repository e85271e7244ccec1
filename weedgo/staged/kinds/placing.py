"""Where the rows of partitions go whose bounds change, that leave or that come."""

from __future__ import annotations

import re

from weedgo.staged.kinds import exchange
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    Context,
    attachment,
    ident,
    literal,
    name,
    raw,
    render,
)
from weedgo.staged.kinds.helpers import beside
from weedgo.staged.model import Change, Guard, Object, ObjectId, Statement, Work

_HASHED = re.compile(r"'\d+'::oid(?=, \d+, \d+)")


def parent(obj: Object) -> ObjectId:
    """The partitioned table of such a fact."""
    return ObjectId("table", *obj["of"])


def siblings(above: ObjectId, ctx: Context) -> list[Change]:
    """Changes of the partitions of one table."""
    ids = {*ctx.heirs(above), *ctx.heirs(above, before=True)}
    return [ctx.changes[attachment(i)] for i in sorted(ids) if attachment(i) in ctx.changes]


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
    return render("{}", ident("pg_temp", beside(table.name)))


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


def set_aside(obj: Object, ctx: Context) -> list[Statement]:
    """Rows that a detached partition has no place for, but others have."""
    table, leaving = obj.id.of, _leaving(obj, ctx)
    if not leaving:
        return []
    temporary = ident(beside(table.name))
    create = "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT * FROM {} WHERE {}"
    delete = render("DELETE FROM {} WHERE {}", name(table), raw(leaving))
    return [
        Statement(render(create, temporary, name(table), raw(leaving)), scans=True),
        *deletable(table, Statement(delete, scans=True), ctx),
    ]


def deletable(table: ObjectId, delete: Statement, ctx: Context) -> list[Statement]:
    """A deletion, also from a table whose deletions are published though nothing tells its rows."""
    sent = any(obj.id.kind == "publication" for state in (ctx.before, ctx.after) for obj in state)
    identity = ctx.before.get(table._replace(kind="replica_identity", target="table"))
    mode = identity["mode"] if identity else "d"
    keyed = any(c["type"] == "p" for c in ctx.of("constraint", table, before=True))
    if not sent or mode in ("f", "i") or (mode == "d" and keyed):
        return [delete]
    text, back = "ALTER TABLE {} REPLICA IDENTITY {}", "NOTHING" if mode == "n" else "DEFAULT"
    full, again = (
        Statement(render(text, name(table), word), ACCESS_EXCLUSIVE, ctx.shared(table))
        for word in ("FULL", back)
    )
    return [full, delete, again]


def returned(obj: Object, ctx: Context) -> list[Statement]:
    """After the last of a table's partitions: the rows set aside, to where they belong now."""
    above = parent(obj)
    standing = (c for c in siblings(above, ctx) if not exchange.root(c.id.of, ctx))
    last = max((c.id for c in standing if c.after), default=None)
    return put_back(above, ctx) if obj.id == last else []


def put_back(above: ObjectId, ctx: Context, *links: ObjectId) -> list[Statement]:
    """The rows set aside, to a table with its partitions as they are now.

    Args:
        links: of the partitions whose rows are meant; by default of all.
    """
    found = []
    for change in siblings(above, ctx):
        if links and change.id not in links:
            continue
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


def from_default(obj: Object, ctx: Context) -> Work:
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
        move = Statement(text, ACCESS_EXCLUSIVE, ctx.shared(heir), scans=True)
        return Work(tuple(deletable(heir, move, ctx)))
    return Work()


def outside(obj: Object, ctx: Context) -> tuple[Guard, ...]:
    """Rows of a standing table that the bounds of its partition-to-be do not take."""
    table, condition = obj.id.of, str(obj.get("constraint") or "")
    if table not in ctx.before or not _condition(obj):
        return ()
    query = render("SELECT count(*) FROM {} WHERE ({}) IS NOT TRUE", name(table), raw(condition))
    message = f"{{count}} rows of {table.path} are outside the bounds {obj['bound']}"
    return (Guard(query, message, f"move them first: {query}"),)


def homeless(after: Object, ctx: Context) -> tuple[Guard, ...]:
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
