"""Expressions that are kept with the type of a table's rows in them.

Since the releases of November 2026 (CVE-2026-6460) PostgreSQL changes no type of a table's columns,
and adds none with values, beside them.
"""

from __future__ import annotations

import re

from weedgo.staged.kinds.base import Context, ident
from weedgo.staged.model import Object, ObjectId

_CHECKED = {15: 150020, 16: 160016, 17: 170012, 18: 180006}
_APART = frozenset({"default", "index", "constraint", "statistics", "domain_constraint", "trigger"})
"""What can see no rows but by their type, unless it is of their table."""
_QUERIES = frozenset({"view", "materialized_view", "rule", "policy", "column", "aggregate"})
_TEXT_BODY = re.compile(r"^ ?AS ", re.MULTILINE)


def of_rows(table: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """What keeps such expressions of a table, and is away while its columns change.

    Args:
        table: the table, or a composite type.
        ctx: of the changes; the server before says whether it minds.
    """
    server = ctx.before.server_version
    if server < _CHECKED.get(server // 10000, 0):
        return frozenset()
    users = [ctx.before.get(id) for id in ctx.dependents(table)]
    made = [id for id in ctx.dependents(table) if id.kind in ("composite_type", "domain")]
    found = frozenset(o.id for o in users if o is not None and _keeps(o, table))
    return found.union(*(of_rows(id, ctx) for id in made))


def after_rows(id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """The columns that change, or come, before what keeps an expression of their rows is back."""
    obj = ctx.before.get(id)
    if obj is None:
        return frozenset()
    tables = [n for n in ctx.before.needed(id) if n.kind == "table" and _keeps(obj, n)]
    own = {(t.schema, t.name) for t in tables}
    return frozenset(c for c in ctx.beside if c.kind == "column" and (c.schema, c.parent) in own)


def _keeps(obj: Object, table: ObjectId) -> bool:
    kind, name = obj.id.kind, _spelled(table)
    if kind == "function":
        return _in_function(obj, name)
    if (obj.id.schema, obj.relation) == (table.schema, table.name):
        return False
    if kind == "constraint" and obj["type"] == "f":
        return False
    return kind in _APART or (kind in _QUERIES and _cast(str(obj.attrs), name))


def _in_function(obj: Object, name: str) -> bool:
    """Whether its body, or the default of an argument, is kept as an expression."""
    if obj.get("defaults") and _cast(obj.get("arguments") or "", name):
        return True
    if _TEXT_BODY.search(obj["definition"]):
        return False
    taken = obj.get("argument_types") or ()
    return any(re.match(name, t) for t in taken) or _cast(obj["definition"], name)


def _cast(text: str, name: str) -> bool:
    return re.search(f"::{name}", text) is not None


def _spelled(table: ObjectId) -> str:
    """A pattern of the type of a table's rows, quoted or not, or of arrays of them."""
    parts = (ident(n).as_string(None) for n in (table.schema, table.name))
    quoted = (f"(?:{re.escape(p)}|{re.escape(p.strip(chr(34)))})" for p in parts)
    return r"\.".join(quoted) + r"(?!\w)"
