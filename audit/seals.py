"""Sealing the log: Merkle roots of what no transaction can add to any more, chained and published.

The horizon is the oldest transaction that still runs: all rows of older ones are there. A
watermark of ids would miss rows whose transactions commit late.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import transaction

from audit import evidence, jobs
from audit.conf import setting
from audit.evidence import END, Claim, Leaf, Place, claim_of
from audit.models import AuditLeaves, AuditSeal

# A seal of more rows than this would need much memory; the rest goes into the next.
ROWS = 50_000
HORIZON = """
    SELECT public.agi_audit_epoch(), pg_snapshot_xmin(s)::text::bigint,
           pg_snapshot_xmax(s)::text::bigint, clock_timestamp()
      FROM pg_current_snapshot() AS s
"""
OPEN_EPOCHS = """
    SELECT e.epoch FROM public.agi_audit_epochs AS e
     WHERE e.epoch BETWEEN %s AND %s ORDER BY e.epoch
"""

published = logging.getLogger("audit.seals")


@dataclass(frozen=True)
class Sealed:
    """What a run of sealing did."""

    seals: int
    rows: int
    last: int
    root: str


def seal() -> Sealed:
    """Seal all that can be, at least one seal even if nothing is new, and publish what is not yet.

    Raises:
        BusyError: another process is sealing.
        OSError: the file of published seals cannot be written; the seals stand, and the next run
            publishes them.
    """
    made: list[Claim] = []
    with jobs.only_one("seal"):
        more = True
        while more:
            claim, more = _seal_once()
            made.append(claim)
        publish()
    return Sealed(len(made), sum(c.rows for c in made), made[-1].number, made[-1].root.hex())


def publish() -> int:
    """Write to the file of published seals those that it does not have; return how many."""
    name = setting("AUDIT_SEAL_FILE")
    path = Path(name) if name else None
    last = last_published(path) if path else 0
    claims = [
        claim_of(seal) for seal in AuditSeal.objects.filter(number__gt=last).order_by("number")
    ]
    if path and claims:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.writelines(line(claim) for claim in claims)
            file.flush()
            os.fsync(file.fileno())
    for claim in claims:
        published.info("%s", line(claim).rstrip())
    return len(claims)


def line(claim: Claim) -> str:
    """Return a published seal."""
    return json.dumps(claim.document() | {"hash": claim.hash().hex()}) + "\n"


def last_published(path: Path) -> int:
    """Return the number of the last seal in a file, 0 if there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 4096))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return 0
    return int(json.loads(lines[-1])["number"]) if lines else 0


def _seal_once() -> tuple[Claim, bool]:
    """Make the next seal; say whether there is more to seal."""
    using = jobs.connection().alias
    with transaction.atomic(using=using), jobs.connection().cursor() as cursor:
        # Before anything is read: the horizon and the rows are then of one snapshot.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(HORIZON)
        here, horizon, next_xid, now = cursor.fetchone()
        before = AuditSeal.objects.using(using).order_by("-number").first()
        epoch, start = _next_place(before)
        cursor.execute(OPEN_EPOCHS, [epoch, here])
        epochs = [number for (number,) in cursor.fetchall()]
        if before and start.xid == END and len(epochs) > 1:
            epoch, start = epochs[1], Place(0)
        end = Place(horizon if epoch == here else END)
        leaves = list(islice(evidence.rows_between(using, epoch, start, end), ROWS + 1))
        if len(leaves) > ROWS:
            end = Place(leaves[ROWS].xid, leaves[ROWS].id)
        claim = _claim(before, epoch, (start, end), leaves[:ROWS], next_xid, now)
        _keep(claim, leaves[:ROWS], using)
    return claim, len(leaves) > ROWS or epoch != here


def _next_place(before: AuditSeal | None) -> tuple[int, Place]:
    if before is None:
        return 0, Place(0)
    return before.epoch, Place(before.to_xid, before.to_id)


def _claim(
    before: AuditSeal | None,
    epoch: int,
    span: tuple[Place, Place],
    leaves: list[Leaf],
    next_xid: int,
    now: object,
) -> Claim:
    start, end = span
    # Where many seals are made at once the horizon may not have moved.
    end = max(start, end, key=lambda place: (place.xid, place.id))
    return Claim(
        number=before.number + 1 if before else 1,
        epoch=epoch,
        from_xid=start.xid,
        from_id=start.id,
        to_xid=end.xid,
        to_id=end.id,
        next_xid=next_xid,
        rows=len(leaves),
        root=evidence.root_of(leaves),
        previous=bytes(before.hash) if before else bytes(32),
        sealed_at=now,  # type: ignore[arg-type]
    )


def _keep(claim: Claim, leaves: Iterable[Leaf], using: str) -> None:
    values = {name: getattr(claim, name) for name in Claim.__dataclass_fields__}
    AuditSeal(**values, hash=claim.hash()).save(using=using, force_insert=True)
    AuditLeaves(seal=claim.number, leaves=evidence.pack(list(leaves))).save(
        using=using, force_insert=True
    )
