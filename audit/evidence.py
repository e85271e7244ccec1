"""What a seal says, and the hash of each row of the log, as both sealing and verifying see them.

The hashes are computed by PostgreSQL's own functions from a query that stands here: no function
in the database could be altered to tell them otherwise.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections

from audit import merkle

# Above all transaction ids there will be: the end of an epoch that is over.
END = 2**63 - 1
LEAF = struct.Struct(">qq32s")
FETCHED = 5_000

# Fields that can be erased are covered by a digest, which can stand for them.
WHO = (
    "coalesce(l.who_digest, sha256(convert_to("
    "jsonb_build_array(l.who_salt, l.actor_label, l.ip, l.user_agent)::text, 'UTF8')))"
)
WHAT = (
    "coalesce(l.what_digest, sha256(convert_to("
    "jsonb_build_array(l.what_salt, l.changes, l.snapshot)::text, 'UTF8')))"
)
ENTRY = f"""
    jsonb_build_array(
        l.id, to_char(l.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), l.xid::text,
        l.epoch, l.tenant, l.category, l.severity, l.outcome, l.event_type, l.actor_type,
        l.actor_id, l.impersonator_id, l.db_role, l.app_name, l.request_id, l.method, l.route,
        l.status, l.duration_ms, l.op, l.target_table, l.target_pk, l.rows_affected, l.truncated,
        encode({WHO}, 'hex'), encode({WHAT}, 'hex'))::text
"""
# Rows of one epoch from one place to another, in order, with their hashes.
ROWS = f"""
    SELECT l.xid::text::bigint, l.id, (extract(epoch FROM l.occurred_at) * 1000000)::bigint,
           sha256('\\x00'::bytea || convert_to({ENTRY}, 'UTF8'))
      FROM public.agi_audit_logs AS l
     WHERE l.epoch = %s AND (l.xid, l.id) >= (%s::text::xid8, %s)
       AND (l.xid, l.id) < (%s::text::xid8, %s)
     ORDER BY l.xid, l.id
"""  # noqa: S608 - of the constants above


@dataclass(frozen=True)
class Place:
    """A place in the order of transactions and entries."""

    xid: int
    id: int = 0


@dataclass(frozen=True)
class Leaf:
    """A row as a seal sees it; `time` in microseconds since 1970."""

    xid: int
    id: int
    time: int
    hash: bytes

    @property
    def when(self) -> dt.datetime:
        """When it occurred."""
        return dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=self.time)


@dataclass(frozen=True)
class Claim:
    """What a seal says; its hash covers all of it."""

    number: int
    epoch: int
    from_xid: int
    from_id: int
    to_xid: int
    to_id: int
    next_xid: int
    rows: int
    root: bytes
    previous: bytes
    sealed_at: dt.datetime

    def hash(self) -> bytes:
        """Return the hash that the next seal is chained to."""
        return hashlib.sha256(json.dumps(self.document()).encode()).digest()

    def document(self) -> dict[str, Any]:
        """Return what is published."""
        return {
            "number": self.number,
            "epoch": self.epoch,
            "from": [self.from_xid, self.from_id],
            "to": [self.to_xid, self.to_id],
            "next_xid": self.next_xid,
            "rows": self.rows,
            "root": self.root.hex(),
            "previous": self.previous.hex(),
            "sealed_at": self.sealed_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        }


def claim_of(seal: Any) -> Claim:
    """Return what a row of the seals' table says."""
    values = {name: getattr(seal, name) for name in Claim.__dataclass_fields__}
    return Claim(**values | {"root": bytes(seal.root), "previous": bytes(seal.previous)})


def rows_between(using: str, epoch: int, start: Place, end: Place) -> Iterator[Leaf]:
    """Yield the rows of an epoch from one place to another, the last not included, in order."""
    bounds = [epoch, start.xid, start.id, end.xid, end.id]
    with connections[using].cursor() as cursor:
        while True:
            cursor.execute(f"{ROWS} LIMIT {FETCHED}", bounds)
            found = cursor.fetchall()
            for xid, id, time, digest in found:
                yield Leaf(xid, id, time, bytes(digest))
            if len(found) < FETCHED:
                return
            bounds[1:3] = [found[-1][0], found[-1][1] + 1]


def pack(leaves: list[Leaf]) -> bytes:
    """Return leaves as they are kept."""
    return b"".join(LEAF.pack(leaf.id, leaf.time, leaf.hash) for leaf in leaves)


def unpack(kept: bytes) -> list[Leaf]:
    """Return leaves from how they are kept, without their transactions."""
    return [Leaf(0, *values) for values in LEAF.iter_unpack(kept)]


def root_of(leaves: list[Leaf]) -> bytes:
    """Return the Merkle root of leaves."""
    return merkle.root(leaf.hash for leaf in leaves)
