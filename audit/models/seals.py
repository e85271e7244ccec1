"""What proves that the log is as it was written, and how far periodic jobs have come."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from audit.triggers import RefuseChange, RefuseTruncate


class AuditSeal(models.Model):
    """The Merkle root of the rows of some transactions, chained to the seal before.

    Rows are in the order of epoch, transaction and id; a seal covers those from one place to
    another, the last not included, and the next goes on from there.
    """

    number = models.BigIntegerField(primary_key=True)
    epoch = models.IntegerField()
    from_xid = models.BigIntegerField()
    from_id = models.BigIntegerField()
    to_xid = models.BigIntegerField()
    to_id = models.BigIntegerField()
    next_xid = models.BigIntegerField(
        help_text="transactions from this one on began after the seal"
    )
    rows = models.BigIntegerField()
    root = models.BinaryField(help_text="Merkle tree hash of RFC 6962")
    previous = models.BinaryField(help_text="hash of the seal before")
    hash = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "agi_audit_seals"
        db_table_comment = "Proofs of the audit log, each chained to the one before."
        verbose_name = "seal"
        ordering = ["-number"]
        default_permissions = ("view",)
        triggers = [RefuseChange(), RefuseTruncate()]

    def __str__(self) -> str:
        return f"seal {self.number}"


class AuditLeaves(models.Model):
    """The hash of each row that a seal covers: 8 bytes of id, 8 of time, 32 of hash.

    A seal's root tells that something is wrong, its leaves which row it is. They go when the rows
    are dropped for their age.
    """

    seal = models.BigIntegerField(primary_key=True)
    leaves = models.BinaryField()

    class Meta:
        db_table = "agi_audit_leaves"
        db_table_comment = "The hashes that the roots of seals are made of."
        verbose_name = "leaves of a seal"
        verbose_name_plural = "leaves of seals"
        default_permissions = ()

    def __str__(self) -> str:
        return f"leaves of seal {self.seal}"


class AuditCursor(models.Model):
    """How far a job has read the log: all transactions below `xid` of `epoch`."""

    name = models.CharField(primary_key=True, max_length=40)
    epoch = models.IntegerField()
    xid = models.BigIntegerField()
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "agi_audit_cursors"
        db_table_comment = "How far the periodic jobs have read the audit log."
        verbose_name = "cursor"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
