"""What rate limits are: rules, the tokens left to each key, and the requests that were refused.

Rows name tenants by their schemas, with no foreign keys. What belongs to a rule goes with it by
the database's own ON DELETE CASCADE, so Django does not load a million buckets to delete them.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from ratelimit.fields import CidrField
from ratelimit.rules import TEMPLATE
from ratelimit.triggers import BumpVersion, TellChange
from ratelimit.validators import validate_costs, validate_methods, validate_template
from weedgo.tenancy.base import Timestamped
from weedgo.tenancy.indexes import BrinIndex, GinIndex, HashIndex, Index


class RateLimitRule(Timestamped):
    """How many tokens a key has and how fast they come back."""

    class Mode(models.TextChoices):
        """What comes of a refusal."""

        ENFORCE = "enforce"
        SHADOW = "shadow", "Shadow (only counts)"
        OFF = "off"

    class Scope(models.TextChoices):
        """Whose bucket it is."""

        GLOBAL = "global"
        TENANT = "tenant"
        USER = "user"
        KEY = "key", "API key"
        IP = "ip", "IP address"
        ENDPOINT = "endpoint"

    class FailPolicy(models.TextChoices):
        """What becomes of requests when the limit cannot be read."""

        OPEN = "open", "Open: they pass"
        CLOSED = "closed", "Closed: they are refused"
        LOCAL = "local", "Local: each process counts for itself"

    name = models.CharField(max_length=80, help_text="what code calls it by")
    enabled = models.BooleanField(default=True, db_default=True)
    mode = models.CharField(
        max_length=10, choices=Mode, default=Mode.ENFORCE, db_default=Mode.ENFORCE
    )
    scope = models.CharField(
        max_length=10, choices=Scope, default=Scope.USER, db_default=Scope.USER
    )
    key_template = models.CharField(
        max_length=120, default="", db_default="", blank=True, validators=[validate_template],
        help_text="what makes up a key, such as {user}:{route}; empty: as the scope says",
    )  # fmt: skip
    methods = ArrayField(
        models.TextField(), default=list, db_default=[], blank=True, help_text="empty: all",
        validators=[validate_methods],
    )  # fmt: skip
    route_glob = models.CharField(
        "route", max_length=200, default="", db_default="", blank=True,
        help_text="paths, such as /api/*; empty: no request, only code that asks by name",
    )  # fmt: skip
    tenant_glob = models.CharField("tenant", max_length=120, default="*", db_default="*")
    cidr = CidrField("network", null=True, blank=True, help_text="empty: all addresses")
    capacity = models.DecimalField(
        max_digits=14, decimal_places=4, help_text="tokens in a full bucket"
    )
    refill_per_sec = models.DecimalField(
        "refill per second", max_digits=14, decimal_places=6, validators=[MinValueValidator(0)]
    )
    default_cost = models.DecimalField(
        max_digits=10, decimal_places=4, default=1, db_default=1, validators=[MinValueValidator(0)]
    )
    cost_map = models.JSONField(
        default=dict, db_default={}, blank=True, validators=[validate_costs],
        help_text='tokens by method, path or both: {"POST": 5, "/export/*": 20, "GET /feed": 0}',
    )  # fmt: skip
    shards = models.SmallIntegerField(
        default=1, db_default=1, validators=[MinValueValidator(1), MaxValueValidator(64)],
        help_text="rows that a bucket is split into; more than one for a rule that all share",
    )  # fmt: skip
    lease = models.PositiveSmallIntegerField(
        default=0, db_default=0,
        help_text="tokens that a process may take ahead and give out for a second, for a key that "
        "many ask for; 0 for none: then nobody is refused while there are tokens",
    )  # fmt: skip
    priority = models.SmallIntegerField(default=100, db_default=100, help_text="lower goes first")
    replaces = models.CharField(
        max_length=80,
        null=True,
        blank=True,
        help_text="rule that yields where this applies",
    )
    fail_policy = models.CharField(
        max_length=10, choices=FailPolicy, default=FailPolicy.OPEN, db_default=FailPolicy.OPEN
    )
    durable = models.BooleanField(
        default=False,
        db_default=False,
        help_text="buckets outlive a crash of the server; for logins and payments",
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    version = models.BigIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        db_table = "agi_rate_limit_rules"
        db_table_comment = "Who may ask how often for what."
        verbose_name = "rule"
        ordering = ["priority", "id"]
        indexes = [
            Index(
                fields=["priority", "id"],
                condition=models.Q(enabled=True) & ~models.Q(mode="off"),
                name="agi_rate_limit_rules_active_idx",
            ),
            Index(fields=["scope", "route_glob"], name="agi_rate_limit_rules_scope_idx"),
            GinIndex(fields=["methods"], name="agi_rate_limit_rules_methods_gin"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="agi_rate_limit_rules_name_key"),
            models.CheckConstraint(
                condition=models.Q(mode__in=["enforce", "shadow", "off"]),
                name="agi_rate_limit_rules_mode_check",
            ),
            # NaN is greater than all numbers, so it takes an upper bound to refuse it.
            models.CheckConstraint(
                condition=models.Q(
                    capacity__gt=0,
                    capacity__lt=10**10,
                    refill_per_sec__gte=0,
                    refill_per_sec__lt=10**8,
                ),
                name="agi_rate_limit_rules_capacity_check",
                violation_error_message="Capacity must be above zero, refill not below.",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    default_cost__gte=0, default_cost__lt=10**6, shards__gte=1, shards__lte=64
                ),
                name="agi_rate_limit_rules_cost_check",
                violation_error_message="A cost is not below zero, and shards are 1 to 64.",
            ),
            models.CheckConstraint(
                condition=models.Q(lease__gte=0, lease__lte=10_000)
                & (models.Q(lease=0) | models.Q(shards=1)),
                name="agi_rate_limit_rules_shard_lease_check",
                violation_error_message="A lease is 0 to 10,000 tokens, of a rule with one shard.",
            ),
            models.CheckConstraint(
                condition=models.Q(key_template__regex=TEMPLATE),
                name="agi_rate_limit_rules_key_template_check",
            ),
            models.CheckConstraint(
                condition=models.Q(scope__in=["global", "tenant", "user", "key", "ip", "endpoint"]),
                name="agi_rate_limit_rules_scope_check",
            ),
            models.CheckConstraint(
                condition=models.Q(fail_policy__in=["open", "closed", "local"]),
                name="agi_rate_limit_rules_fail_policy_check",
            ),
        ]
        triggers = [BumpVersion(), TellChange()]

    def __str__(self) -> str:
        return self.name


class Bucket(models.Model):
    """The tokens left to a key as of `updated_at`; a full bucket needs no row."""

    # The database has the foreign key, with ON DELETE CASCADE.
    rule = models.ForeignKey(
        RateLimitRule, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    shard = models.SmallIntegerField(db_default=0)
    key_hash = models.BinaryField("key (SHA-256)")
    tokens = models.FloatField()
    updated_at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))
    tenant = models.CharField(max_length=63, null=True, help_text="the schema; none: all share it")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{bytes(self.key_hash).hex()[:12]} of rule {self.rule_id}"


class RateLimitBucket(Bucket):
    """A bucket in an unlogged table: fast, and empty after a crash of the server."""

    class Meta:
        db_table = "agi_rate_limit_buckets"
        db_table_comment = "The tokens left to a key; a full bucket needs no row."
        verbose_name = "bucket"
        default_permissions = ("view", "delete")
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "shard", "key_hash"], name="agi_rate_limit_buckets_key"
            ),
        ]


class DurableBucket(Bucket):
    """A bucket of a durable rule, in a table that outlives a crash."""

    class Meta:
        db_table = "agi_rate_limit_buckets_logged"
        db_table_comment = "The tokens left to a key of a durable rule."
        default_permissions = ("view", "delete")
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "shard", "key_hash"], name="agi_rate_limit_buckets_logged_key"
            ),
        ]


class RateLimitViolation(models.Model):
    """The requests of one key that a rule refused within a minute.

    The table is partitioned by day on `minute`; its primary key is (minute, id) in the database.
    """

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey(
        RateLimitRule, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    key_hash = models.BinaryField("key (SHA-256)")
    minute = models.DateTimeField()
    tenant = models.CharField(max_length=63, null=True, help_text="the schema")
    hits = models.IntegerField("refused", db_default=1)
    shadow_hits = models.IntegerField("of these only counted", db_default=0)
    cost = models.FloatField(db_default=1.0)
    first_seen_at = models.DateTimeField("first seen", db_default=Now())
    last_seen_at = models.DateTimeField("last seen", db_default=Now())
    sample_key = models.CharField("key", max_length=200, null=True, help_text="if a request's")
    sample_path = models.CharField("path", max_length=200, null=True, help_text="of one of them")
    sample_ip = models.GenericIPAddressField("IP address", null=True, help_text="of one of them")
    sample_agent = models.TextField("user agent", null=True, help_text="of one of them")

    class Meta:
        db_table = "agi_rate_limit_violations"
        db_table_comment = "Refused requests, summed by rule, key and minute."
        verbose_name = "violation"
        ordering = ["-minute", "-id"]
        default_permissions = ("view",)
        indexes = [
            Index(fields=["rule", "-minute"], name="agi_rate_limit_violations_rule_idx"),
            Index(fields=["tenant", "-minute"], name="agi_rate_limit_violations_tenant_idx"),
            HashIndex(fields=["key_hash"], name="agi_rate_limit_violations_key_idx"),
            BrinIndex(fields=["minute"], name="agi_rate_limit_violations_minute_brin"),
            # The admin opens rows by id.
            Index(fields=["id"], name="agi_rate_limit_violations_id_idx"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "key_hash", "minute"], name="agi_rate_limit_violations_minute_key"
            ),
            models.CheckConstraint(
                condition=models.Q(hits__gt=0), name="agi_rate_limit_violations_hits_check"
            ),
            models.CheckConstraint(
                condition=models.Q(shadow_hits__gte=0, shadow_hits__lte=models.F("hits")),
                name="agi_rate_limit_violations_shadow_check",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hits} refused at {self.minute:%Y-%m-%d %H:%M}"
