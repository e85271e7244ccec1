"""Tables that are made anew, and inherit or are inherited: old ones stand in nobody's way."""

from __future__ import annotations

from weedgo.staged.kinds.base import ACCESS_EXCLUSIVE, Context, attachment, name, render
from weedgo.staged.model import Object, ObjectId, Statement

_LEAVE = "ALTER TABLE {} NO INHERIT {}"
_JOIN = "ALTER TABLE {} INHERIT {}"


def heirs(table: ObjectId, ctx: Context) -> list[ObjectId]:
    """The tables that inherit a table and are not its partitions."""
    return [h for h in ctx.heirs(table, before=True) if ctx.before.objects[h]["parents"]]


def merges(heir: ObjectId, ctx: Context) -> bool:
    """Whether an heir becomes a partition with other columns: its rows go over with its parent's.

    By itself it could change nothing of what it inherits.
    """
    before, link = ctx.before.get(heir), ctx.after.get(attachment(heir))
    if before is None or link is None or not before["parents"]:
        return False
    if before.get("ancestors") != [link["of"]]:
        return False
    old, new = ({c.id.name: c for c in ctx.of("column", heir, before=b)} for b in (True, False))
    return old.keys() != new.keys() or any(_other(c, new[name]) for name, c in old.items())


def _other(old: Object, new: Object) -> bool:
    unlike = any(old[k] != new[k] for k in ("type", "collation", "generated", "expression"))
    return unlike or bool(new["not_null"] and not old["not_null"])


def leaving(table: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """The heirs that go, or leave the table, which they do before it is made anew."""
    found = (h for h in heirs(table, ctx) if h in ctx.changes)
    return frozenset(h for h in found if h not in ctx.heirs(table))


def parted(table: ObjectId, ctx: Context) -> list[Statement]:
    """A table that is made anew parts from its parents, and from heirs that only the target has.

    What else changes about these would reach the old table.
    """
    before = ctx.before.objects[table]
    ancestors = (before.get("ancestors") or ()) if before["parents"] else ()
    pairs = [(table, ObjectId("table", *pair)) for pair in ancestors]
    pairs += [(heir, table) for heir in _kept(table, ctx)]
    texts = ((heir, render(_LEAVE, name(heir), name(parent))) for heir, parent in pairs)
    return [Statement(text, ACCESS_EXCLUSIVE, ctx.shared(heir)) for heir, text in texts]


def rejoined(table: ObjectId, ctx: Context) -> list[Statement]:
    """The heirs that only the target has, of the new table again."""
    texts = ((heir, render(_JOIN, name(heir), name(table))) for heir in _kept(table, ctx))
    return [Statement(text, ACCESS_EXCLUSIVE, ctx.shared(heir)) for heir, text in texts]


def _kept(table: ObjectId, ctx: Context) -> list[ObjectId]:
    changes = ctx.whole or ctx.changes
    return [h for h in heirs(table, ctx) if h not in ctx.after and h not in changes]
