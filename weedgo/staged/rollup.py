"""One digest for each relation with all that belongs to it, worked out by the server itself.

Most relations of two databases are equal, and printing their definitions costs more than anything
else in a comparison. What PostgreSQL prints is a function of its catalogs: where all the catalog
rows of a relation are equal, names taken for numbers, so is all that could be printed of it.
Only where they are not need the definitions be read. The reverse does not hold (a dropped column,
another order of columns), and costs time but no truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from weedgo.staged.queries import query

# Each gives the relation's oid, how many objects it stands for, and a 64-bit digest; the first two
# also the relation's schema and name.
_NAMED = ("relation", "sequence")
_PARTS = (
    *_NAMED,
    "attribute",
    "attrdef",
    "index",
    "index_attribute",
    "constraint",
    "trigger",
    "policy",
    "rewrite",
    "description",
)
_BY_RELATION = "SELECT relid::int8, sum(objects)::int8, bit_xor(hash) FROM ({}) q GROUP BY relid"

Name = tuple[str, str]


@dataclass(slots=True)
class Relation:
    """A relation as it is rolled up.

    Args:
        oid: its number in its own database.
        objects: how many objects it and what belongs to it are.
        digests: one for each part, in order; parts that it lacks have 0.
    """

    oid: int
    objects: int
    digests: list[int]


def read(conn: psycopg.Connection[Any]) -> Mapping[Name, Relation]:
    """The relations of a connection's database, by schema and name.

    Args:
        conn: in a transaction, with an empty search_path.
    """
    major = conn.info.server_version // 10000
    cursors = []
    with conn.pipeline():
        for part in _PARTS:
            text = query(f"rollup/{part}", major)
            if part not in _NAMED:
                text = _BY_RELATION.format(text)
            cursors.append(conn.cursor(row_factory=tuple_row))
            cursors[-1].execute(text.encode(), prepare=False)
    return _relations([cursor.fetchall() for cursor in cursors])


def _relations(parts: Sequence[Sequence[tuple[Any, ...]]]) -> Mapping[Name, Relation]:
    found: dict[int, Relation] = {}
    names: dict[Name, Relation] = {}
    for rows in parts[: len(_NAMED)]:
        for oid, _, _, schema, name in rows:
            if schema is not None:
                names[schema, name] = found[oid] = Relation(oid, 0, [0] * len(_PARTS))
    for place, rows in enumerate(parts):
        for oid, objects, digest, *_ in rows:
            if (relation := found.get(oid)) is not None:
                relation.objects += objects
                relation.digests[place] ^= digest
    return names


def alike(a: Mapping[Name, Relation], b: Mapping[Name, Relation]) -> frozenset[Name]:
    """The relations that two databases share, each with all that belongs to it."""
    return frozenset(
        name for name, one in a.items() if name in b and b[name].digests == one.digests
    )
