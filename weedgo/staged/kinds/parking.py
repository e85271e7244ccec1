"""The rows of a table that is made anew, apart from the table where that cannot stand by itself.

A partitioned table holds on to the operator classes and functions by which it is partitioned. Where
these are replaced as well, the old table goes before them, and a plain one keeps its rows.
"""

from __future__ import annotations

from collections.abc import Iterable

from weedgo.staged.kinds.base import Context, ident, render
from weedgo.staged.kinds.clauses import owner
from weedgo.staged.kinds.helpers import helper
from weedgo.staged.model import Object, ObjectId, Statement

HELD = ("operator_class", "operator", "function")
"""The kinds by which rows are partitioned, and that are made again under their names."""


def needed(family: Iterable[ObjectId], ctx: Context) -> bool:
    """Whether something by which a table, or a partition of it, is partitioned goes.

    Args:
        family: the table and its partitions.
        ctx: of the change.
    """
    needs = {n for member in family for n in ctx.before.needed(member) if n.kind in HELD}
    return any(n in ctx.taken or (n in ctx.beside and n not in ctx.after) for n in needs)


def parked(schema: str, table: str, sequences: Iterable[str]) -> list[Statement]:
    """Plain tables in the places of a table and its sequences, with what these hold.

    Args:
        schema: where the old table waits for its rows to be copied.
        table: its name.
        sequences: the names of those that its columns draw from.
    """
    copies = [(table, helper(table, "rows")), *((s, helper(s, "numbers")) for s in sequences)]
    text = "CREATE TABLE {} AS SELECT * FROM {}"
    first = [render(text, ident(schema, aside), ident(schema, name)) for name, aside in copies]
    gone = render("DROP TABLE {}", ident(schema, table))
    text = "ALTER TABLE {} RENAME TO {}"
    last = [render(text, ident(schema, aside), ident(name)) for name, aside in copies]
    return [Statement(s, rewrites=s in first[:1]) for s in (*first, gone, *last)]


def unparked(schema: str, sequences: Iterable[str]) -> list[Statement]:
    """The end of what was kept of the sequences."""
    return [Statement(render("DROP TABLE {}", ident(schema, s))) for s in sequences]


def numbered_by(column: Object, ctx: Context) -> str:
    """The sequence that moves with a column's table: of its identity, or a serial's own."""
    if column["identity_sequence"]:
        return str(column["identity_sequence"][1])
    serials = (o for o in ctx.before if o.id.kind == "sequence" and owner(o) == column.id)
    return next((o.id.name for o in serials), "")
