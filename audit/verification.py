"""Verifying the log against its seals, and its seals against those that were published."""

from __future__ import annotations

import bisect
import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connections

from audit import evidence
from audit.evidence import END, Claim, Leaf, Place, claim_of
from audit.models import AuditLeaves, AuditLog, AuditSeal

# Two clocks of one server may differ by less than this: it may be set while it runs.
TOLERANCE = dt.timedelta(seconds=5)
# Of one kind in one seal, more than these are counted and not named.
NAMED = 20
TIME = "%Y-%m-%d %H:%M:%S"
ERASED = "audit.person_erased"
DROPPED = "audit.partition_dropped"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was written.

    Args:
        kind: such as `row changed`; see docs/concepts/audit.md.
        where: the row, seal or partition.
        detail: what is wrong with it.
    """

    kind: str
    where: str
    detail: str


@dataclass
class Verdict:
    """What a verification found.

    Attributes:
        seals, rows: how many were looked at; `unsealed` of the rows are in no seal yet.
        published: how many published seals were compared.
    """

    findings: list[Finding] = field(default_factory=list)
    seals: int = 0
    rows: int = 0
    unsealed: int = 0
    published: int = 0
    erased: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def verify(
    using: str,
    published: Path | None = None,
    last: int | None = None,
    listen: Callable[[int, int], None] | None = None,
) -> Verdict:
    """Compare the log with its seals, row by row.

    Args:
        using: the database alias.
        published: the file that seals were published to; without it, a log whose seals were all
            made anew, or whose last ones were taken away, looks sound.
        last: look only at the rows of so many of the latest seals; the chain is always looked at.
        listen: told the number of seals done and of all.
    """
    verdict = Verdict()
    chain = _Chain(verdict)
    claims = chain.check(AuditSeal.objects.using(using).order_by("number"))
    if published is not None:
        _compare_published(verdict, chain.hashes, published)
    rows = _Rows(using, verdict, claims)
    looked_at = claims[-last:] if last else claims
    for number, claim in enumerate(looked_at, 1):
        rows.check(claim)
        if listen:
            listen(number, len(looked_at))
    rows.check_tail()
    if last is None:
        _check_erasures(using, verdict)
    return verdict


class _Chain:
    """Seals one after the other."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.hashes: dict[int, bytes] = {}

    def check(self, seals: Iterable[AuditSeal]) -> list[Claim]:
        claims: list[Claim] = []
        for seal in seals:
            claim = claim_of(seal)
            before = claims[-1] if claims else None
            self._check_one(claim, bytes(seal.hash), before)
            self.hashes[claim.number] = bytes(seal.hash)
            claims.append(claim)
        self.verdict.seals = len(claims)
        return claims

    def _check_one(self, claim: Claim, kept: bytes, before: Claim | None) -> None:
        where = f"seal {claim.number}"
        if claim.hash() != kept:
            self._found("seal altered", where, "its hash is not that of what it says")
        expected = before.number + 1 if before else 1
        for number in range(expected, claim.number):
            self._found("seal removed", f"seal {number}", "the numbers of seals have a gap here")
        if claim.number != expected:
            return
        if claim.previous != (self.hashes[before.number] if before else bytes(32)):
            self._found("seal altered", where, "it is not chained to the seal before")
        if before and not _goes_on(before, claim):
            self._found("seal altered", where, "it does not go on where the seal before ends")

    def _found(self, kind: str, where: str, detail: str) -> None:
        self.verdict.findings.append(Finding(kind, where, detail))


def _goes_on(before: Claim, claim: Claim) -> bool:
    if claim.epoch == before.epoch:
        return (claim.from_xid, claim.from_id) == (before.to_xid, before.to_id)
    return before.to_xid == END and (claim.from_xid, claim.from_id) == (0, 0)


def _compare_published(verdict: Verdict, hashes: dict[int, bytes], path: Path) -> None:
    for number, digest in _published(path):
        verdict.published += 1
        kept = hashes.get(number)
        if kept is None:
            finding = Finding("seal removed", f"seal {number}", "it was published and is not there")
        elif kept.hex() != digest:
            finding = Finding("seal altered", f"seal {number}", "another one was published")
        else:
            continue
        verdict.findings.append(finding)


def _published(path: Path) -> Iterator[tuple[int, str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            document = json.loads(line)
            yield int(document["number"]), str(document["hash"])


class _Rows:
    """The rows of the log, seal by seal."""

    def __init__(self, using: str, verdict: Verdict, claims: list[Claim]) -> None:
        self.using = using
        self.verdict = verdict
        self.claims = claims
        self.starts: dict[int, list[tuple[int, dt.datetime]]] = {}
        for claim in claims:
            self.starts.setdefault(claim.epoch, []).append((claim.next_xid, claim.sealed_at))
        self.dropped = self._dropped()
        self.partitions = self._partitions()

    def check(self, claim: Claim) -> None:
        """Compare the rows that a seal covers with it."""
        start, end = Place(claim.from_xid, claim.from_id), Place(claim.to_xid, claim.to_id)
        found = list(evidence.rows_between(self.using, claim.epoch, start, end))
        self.verdict.rows += len(found)
        if len(found) != claim.rows or evidence.root_of(found) != claim.root:
            self._name(claim, found)
        self._check_times(claim.epoch, found, claim.sealed_at)

    def check_tail(self) -> None:
        """Look at rows that no seal covers."""
        last = self.claims[-1] if self.claims else None
        epochs = list(
            AuditLog.objects.using(self.using).order_by().values_list("epoch", flat=True).distinct()
        )
        sealed = {claim.epoch for claim in self.claims}
        for epoch in sorted(epochs):
            if last and epoch < last.epoch and epoch not in sealed:
                self._found("row added", f"epoch {epoch}", "there was no such time of the database")
                continue
            if last and epoch < last.epoch:
                continue
            at_end = last is not None and epoch == last.epoch
            start = Place(last.to_xid, last.to_id) if last and at_end else Place(0)
            found = list(evidence.rows_between(self.using, epoch, start, Place(END)))
            self.verdict.rows += len(found)
            self.verdict.unsealed += len(found)
            self._check_times(epoch, found, None)

    def _name(self, claim: Claim, found: list[Leaf]) -> None:
        """Say which rows of a seal are wrong."""
        where = f"seal {claim.number}"
        kept = AuditLeaves.objects.using(self.using).filter(seal=claim.number).first()
        if kept is None:
            if not any(first <= claim.number <= final for first, final in self.dropped.values()):
                self._found(
                    "seal altered", where, "its leaves are gone, and its rows are not as sealed"
                )
            return
        leaves = evidence.unpack(bytes(kept.leaves))
        if evidence.root_of(leaves) != claim.root:
            self._found("seal altered", where, "its leaves, and rows under it, are not as sealed")
            return
        there = {leaf.id: leaf for leaf in found}
        sealed = {leaf.id: leaf for leaf in leaves}
        self._named("row changed", claim, [
            there[id] for id, leaf in sealed.items() if id in there and there[id].hash != leaf.hash
        ])  # fmt: skip
        self._named("row added", claim, [leaf for id, leaf in there.items() if id not in sealed])
        self._missing(claim, [leaf for id, leaf in sealed.items() if id not in there])

    def _missing(self, claim: Claim, leaves: list[Leaf]) -> None:
        removed: list[Leaf] = []
        gone: Counter[str] = Counter()
        for leaf in leaves:
            partition = f"agi_audit_logs_{leaf.when:%Y_%m}"
            if partition in self.dropped:
                continue
            if partition in self.partitions:
                removed.append(leaf)
            else:
                gone[partition] += 1
        self._named("row removed", claim, removed)
        for partition, count in gone.items():
            self._found(
                "partition dropped", partition, f"{count:,} rows of seal {claim.number} are gone"
            )

    def _named(self, kind: str, claim: Claim, leaves: list[Leaf]) -> None:
        for leaf in leaves[:NAMED]:
            self._found(
                kind, f"row {leaf.id}", f"of {leaf.when:%Y-%m-%d %H:%M:%S}, seal {claim.number}"
            )
        if len(leaves) > NAMED:
            self._found(kind, f"{len(leaves) - NAMED:,} more rows", f"of seal {claim.number}")

    def _check_times(self, epoch: int, leaves: list[Leaf], sealed_at: dt.datetime | None) -> None:
        """A transaction that began after a seal cannot have written rows before it."""
        starts = self.starts.get(epoch, [])
        for leaf in leaves:
            place = bisect.bisect_right(starts, leaf.xid, key=lambda start: start[0])
            if place and leaf.when < starts[place - 1][1] - TOLERANCE:
                sealed = starts[place - 1][1]
                detail = f"it says {leaf.when:{TIME}}, and was written after {sealed:{TIME}}"
                self._found("row back-dated", f"row {leaf.id}", detail)
            elif sealed_at and leaf.when > sealed_at + TOLERANCE:
                self._found("row post-dated", f"row {leaf.id}", "it says a time after its seal")

    def _found(self, kind: str, where: str, detail: str) -> None:
        self.verdict.findings.append(Finding(kind, where, detail))

    def _dropped(self) -> dict[str, tuple[int, int]]:
        """Partitions that were dropped for their age, each with the seals whose leaves went too."""
        events = AuditLog.objects.using(self.using).filter(event_type=DROPPED)
        return {
            str(event.target_table): tuple((event.changes or {}).get("seals") or (0, -1))
            for event in events
        }

    def _partitions(self) -> set[str]:
        with connections[self.using].cursor() as cursor:
            cursor.execute(
                "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                " WHERE i.inhparent = 'public.agi_audit_logs'::regclass"
            )
            return {name for (name,) in cursor.fetchall()}


BESIDE_DIGESTS = """
    SELECT l.id FROM public.agi_audit_logs AS l
     WHERE (l.who_digest IS NOT NULL
            AND num_nonnulls(l.who_salt, l.actor_label, l.ip, l.user_agent) > 0)
        OR (l.what_digest IS NOT NULL AND num_nonnulls(l.what_salt, l.changes, l.snapshot) > 0)
        OR (num_nonnulls(l.who_digest, l.what_digest) > 0 AND l.erasure_id IS NULL)
     ORDER BY l.id LIMIT 20
"""
ERASURES = """
    SELECT l.erasure_id, count(*), max(e.rows_affected)
      FROM public.agi_audit_logs AS l
      LEFT JOIN public.agi_audit_logs AS e ON e.id = l.erasure_id AND e.event_type = %s
     WHERE l.erasure_id IS NOT NULL GROUP BY l.erasure_id
"""


def _check_erasures(using: str, verdict: Verdict) -> None:
    """Fields that a digest stands for are gone, and by an erasure that is in the log itself."""
    with connections[using].cursor() as cursor:
        cursor.execute(BESIDE_DIGESTS)
        for (id,) in cursor.fetchall():
            verdict.findings.append(
                Finding(
                    "row changed",
                    f"row {id}",
                    "it has fields beside the digest that stands for them",
                )
            )
        cursor.execute(ERASURES, [ERASED])
        for erasure, count, said in cursor.fetchall():
            verdict.erased += count
            if said is None or count > said:
                detail = f"{count:,} rows were blanked, where {said or 0:,} are recorded"
                verdict.findings.append(Finding("row blanked", f"erasure {erasure}", detail))
