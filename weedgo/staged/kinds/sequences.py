"""Sequences that stand on their own, and which column owns them.

Sequences of identity columns belong to their column.
"""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds.base import Address, Context, Kind, Row, ident, name, render, work
from weedgo.staged.model import Object, ObjectId, Stage, Work

_LIMITS = ("type", "start", "increment", "minimum", "maximum", "cache", "cycle")


def options(obj: Object, names: tuple[str, ...] = _LIMITS) -> str:
    """The sequence's options as SQL, all of them or those named."""
    words = {
        "type": "AS {}",
        "increment": "INCREMENT BY {}",
        "minimum": "MINVALUE {}",
        "maximum": "MAXVALUE {}",
        "start": "START WITH {}",
        "cache": "CACHE {}",
    }
    parts = [words[n].format(obj[n]) for n in words if n in names]
    if "cycle" in names:
        parts.append("CYCLE" if obj["cycle"] else "NO CYCLE")
    return " ".join(parts)


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
            owner = (row["_owner_schema"], row["_owner_table"], row["_owner_column"])
            column = ObjectId("column", owner[0], owner[2], owner[1])
            yield Object(fact, {"column": list(owner)}, {"needs": (column,)}), None

    def create(self, obj: Object, ctx: Context) -> Work:
        unlogged = "UNLOGGED " if obj["persistence"] == "u" else ""
        return work(render("CREATE {}SEQUENCE {} {}", unlogged, name(obj.id), options(obj)))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        changed = tuple(n for n in _LIMITS if before[n] != after[n])
        statements = []
        if changed:
            if "type" in changed:
                changed = tuple(dict.fromkeys((*changed, "minimum", "maximum")))
            statements.append(render("ALTER SEQUENCE {} {}", name(after.id), options(after, changed)))
        if before["persistence"] != after["persistence"]:
            logged = "UNLOGGED" if after["persistence"] == "u" else "LOGGED"
            statements.append(render("ALTER SEQUENCE {} SET {}", name(after.id), logged))
        return work(*statements)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("DROP SEQUENCE {}", name(obj.id)))


class SequenceOwnerKind(Kind):
    """``ALTER SEQUENCE … OWNED BY``: the sequence goes when its column goes."""

    name = "sequence_owner"
    stage = Stage.SEQUENCES
    label = "ownerships"

    def create(self, obj: Object, ctx: Context) -> Work:
        schema, table, column = obj["column"]
        owned = render("ALTER SEQUENCE {} OWNED BY {}", name(obj.id), ident(schema, table, column))
        return work(owned)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self.create(after, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("ALTER SEQUENCE {} OWNED BY NONE", name(obj.id)))
