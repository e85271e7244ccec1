"""What the audit log holds: events, their sums over time, and what rules found in them.

Rows name tenants by their schemas and people by their ids, with no foreign keys: what was
recorded stays as it was when tenants and users are gone.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from audit.fields import NameField, Xid8Field
from audit.triggers import RefuseChange, RefuseTruncate
from weedgo.tenancy.indexes import BrinIndex, GinIndex, Index
from weedgo.tenancy.triggers import Touch


class Severity(models.TextChoices):
    """How much an event matters, as syslog names it."""

    DEBUG = "debug"
    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class Outcome(models.TextChoices):
    """How what was tried ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    DENIED = "denied"


class Category(models.TextChoices):
    """What part of the system an event tells about."""

    DATA = "data"
    ACCESS = "access"
    SECURITY = "security"
    REQUEST = "request"
    SYSTEM = "system"
    BUSINESS = "business"


class ActorType(models.TextChoices):
    """What acted."""

    USER = "user"
    API_KEY = "api_key", "API key"
    SERVICE = "service"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


class AuditLog(models.Model):
    """An event. The table is partitioned by month on `occurred_at` and only ever grows.

    The primary key is (occurred_at, id) in the database, as partitions want it; `id` alone is as
    unique, since one sequence numbers all partitions.
    """

    id = models.BigAutoField(primary_key=True)
    occurred_at = models.DateTimeField(
        db_default=models.Func(function="clock_timestamp"), help_text="by the database's clock"
    )
    xid = Xid8Field(
        "transaction", db_default=models.Func(function="pg_current_xact_id"), editable=False
    )
    epoch = models.IntegerField(
        db_default=models.Func(function="public.agi_audit_epoch"),
        help_text="counts restores of the database",
    )
    tenant = models.CharField(max_length=63, null=True, help_text="the schema; empty: the platform")
    category = models.CharField(max_length=20, choices=Category, db_default=Category.DATA)
    severity = models.CharField(max_length=10, choices=Severity, db_default=Severity.INFO)
    outcome = models.CharField(max_length=10, choices=Outcome, db_default=Outcome.SUCCESS)
    event_type = models.CharField("type", max_length=60)
    actor_type = models.CharField(max_length=20, choices=ActorType, db_default=ActorType.SYSTEM)
    actor_id = models.CharField(max_length=64, null=True)
    actor_label = models.CharField("actor", max_length=254, null=True)
    impersonator_id = models.CharField(max_length=64, null=True)
    db_role = NameField(
        "database role",
        db_default=models.Func(function="current_user", template="%(function)s"),
    )
    app_name = models.TextField(null=True)
    request_id = models.UUIDField(null=True)
    ip = models.GenericIPAddressField("IP address", null=True)
    user_agent = models.TextField(null=True)
    method = models.CharField(max_length=10, null=True)
    route = models.CharField(max_length=200, null=True)
    status = models.SmallIntegerField(null=True)
    duration_ms = models.IntegerField("duration (ms)", null=True)
    op = models.CharField("operation", max_length=10, null=True)
    target_table = models.CharField(max_length=126, null=True)
    target_pk = models.CharField("target key", max_length=200, null=True)
    changes = models.JSONField(null=True, help_text="old and new value of each changed column")
    snapshot = models.JSONField(null=True, help_text="the row as it was written or deleted")
    rows_affected = models.BigIntegerField(null=True)
    truncated = models.BooleanField(
        db_default=False, help_text="a value was too large and only its hash is kept"
    )
    # What is needed to erase a person and leave seals valid; see audit.seals.
    who_salt = models.UUIDField(null=True, db_default=RandomUUID(), editable=False)
    what_salt = models.UUIDField(null=True, db_default=RandomUUID(), editable=False)
    who_digest = models.BinaryField(null=True)
    what_digest = models.BinaryField(null=True)
    erasure_id = models.BigIntegerField(
        "erasure", null=True, help_text="the entry of the erasure that blanked fields of this one"
    )

    class Meta:
        db_table = "agi_audit_logs"
        db_table_comment = "Every system event: who did what to what, when and from where."
        verbose_name = "audit log entry"
        verbose_name_plural = "audit log"
        ordering = ["-occurred_at", "-id"]
        # Rows enter by services.record and by triggers; nobody changes them.
        default_permissions = ("view",)
        # Most rows are of what happens most: changed rows, done, of no further note. Indexes for
        # what is rare leave them out and cost them nothing.
        indexes = [
            Index(
                fields=["tenant", "-occurred_at"],
                condition=models.Q(tenant__isnull=False),
                name="agi_audit_logs_tenant_time_idx",
            ),
            Index(
                fields=["actor_id", "-occurred_at"],
                condition=models.Q(actor_id__isnull=False),
                name="agi_audit_logs_actor_time_idx",
            ),
            Index(
                fields=["actor_label", "-occurred_at"],
                condition=models.Q(actor_label__isnull=False),
                name="agi_audit_logs_label_time_idx",
            ),
            Index(
                fields=["ip", "-occurred_at"],
                condition=models.Q(ip__isnull=False),
                name="agi_audit_logs_ip_time_idx",
            ),
            Index(fields=["event_type", "-occurred_at"], name="agi_audit_logs_event_time_idx"),
            # The key first: it is searched for without the table, too.
            Index(
                fields=["target_pk", "target_table", "-occurred_at"],
                condition=models.Q(target_pk__isnull=False),
                name="agi_audit_logs_target_idx",
            ),
            Index(
                fields=["request_id"],
                condition=models.Q(request_id__isnull=False),
                name="agi_audit_logs_request_idx",
            ),
            Index(fields=["epoch", "xid", "id"], name="agi_audit_logs_xid_idx"),
            BrinIndex(fields=["occurred_at"], name="agi_audit_logs_time_brin"),
            Index(
                fields=["severity", "-occurred_at"],
                condition=models.Q(
                    severity__in=["debug", "notice", "warning", "error", "critical"]
                ),
                name="agi_audit_logs_severe_idx",
            ),
            Index(
                fields=["outcome", "-occurred_at"],
                condition=models.Q(outcome__in=["failure", "denied"]),
                name="agi_audit_logs_outcome_idx",
            ),
            Index(
                fields=["category", "-occurred_at"],
                condition=models.Q(
                    category__in=["access", "security", "request", "system", "business"]
                ),
                name="agi_audit_logs_category_idx",
            ),
            # The admin opens rows by id.
            Index(fields=["id"], name="agi_audit_logs_id_idx"),
        ]
        triggers = [RefuseChange(), RefuseTruncate()]

    def __str__(self) -> str:
        return f"{self.event_type} at {self.occurred_at:%Y-%m-%d %H:%M:%S}"


class AuditAggregate(models.Model):
    """The events of one span of time, tenant, type and value of a dimension, summed up."""

    class Grain(models.TextChoices):
        """How long the span is."""

        MINUTE = "minute"
        HOUR = "hour"
        DAY = "day"

    bucket_start = models.DateTimeField()
    grain = models.CharField(max_length=10, choices=Grain, db_default=Grain.HOUR)
    tenant = models.CharField(max_length=63, db_default="")
    event_type = models.CharField("type", max_length=60)
    dim = models.CharField("dimension", max_length=30, db_default="")
    dim_value = models.CharField("value", max_length=120, db_default="")
    count = models.BigIntegerField(db_default=0)
    errors = models.BigIntegerField(db_default=0)
    sum_ms = models.BigIntegerField("total (ms)", db_default=0)
    max_ms = models.IntegerField("longest (ms)", db_default=0)
    histogram = ArrayField(
        models.BigIntegerField(),
        db_default=[],
        help_text="events by fourth roots of two of milliseconds",
    )

    class Meta:
        db_table = "agi_audit_aggregates"
        db_table_comment = "The audit log summed up by time, tenant and kind of event."
        verbose_name = "aggregate"
        ordering = ["-bucket_start", "tenant", "event_type"]
        default_permissions = ("view",)
        indexes = [
            Index(
                fields=["tenant", "event_type", "-bucket_start"],
                name="agi_audit_aggregates_tenant_idx",
            ),
            Index(fields=["grain", "bucket_start"], name="agi_audit_aggregates_grain_idx"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["bucket_start", "grain", "tenant", "event_type", "dim", "dim_value"],
                name="agi_audit_aggregates_bucket_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} by {self.grain} from {self.bucket_start:%Y-%m-%d %H:%M}"


class AuditAlert(models.Model):
    """Something that a rule over the audit log found; one open alert for all that is alike."""

    class State(models.TextChoices):
        """Who looks after it."""

        OPEN = "open"
        ACKNOWLEDGED = "acknowledged"
        SNOOZED = "snoozed"
        RESOLVED = "resolved"

    rule_key = models.CharField("rule", max_length=80)
    dedup_key = models.CharField(max_length=200, help_text="what alike findings have in common")
    tenant = models.CharField(max_length=63, null=True)
    severity = models.CharField(max_length=10, choices=Severity, db_default=Severity.WARNING)
    state = models.CharField(max_length=20, choices=State, db_default=State.OPEN)
    first_seen_at = models.DateTimeField("first seen", db_default=Now())
    last_seen_at = models.DateTimeField("last seen", db_default=Now())
    occurrences = models.IntegerField(db_default=1)
    sample_ids = ArrayField(
        models.BigIntegerField(), db_default=[], help_text="entries of the audit log"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    snoozed_until = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    notified_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "agi_audit_alerts"
        db_table_comment = "What the rules over the audit log found and who looks after it."
        verbose_name = "alert"
        ordering = ["-last_seen_at"]
        indexes = [
            Index(fields=["state", "severity", "-last_seen_at"], name="agi_audit_alerts_state_idx"),
            Index(fields=["tenant", "-first_seen_at"], name="agi_audit_alerts_tenant_idx"),
            GinIndex(fields=["sample_ids"], name="agi_audit_alerts_samples_gin"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["dedup_key"],
                condition=~models.Q(state="resolved"),
                name="agi_audit_alerts_open_dedup_idx",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "acknowledged", "snoozed", "resolved"]),
                name="agi_audit_alerts_state_check",
            ),
        ]
        triggers = [Touch()]

    def __str__(self) -> str:
        return f"{self.rule_key}: {self.dedup_key}"
