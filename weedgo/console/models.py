"""What operators look after: runs of migrations, jobs that they ask for, and schemas that drift.

The journal's tables are the engine's: they stand in each database that it has changed, and not in
a fresh one. Here they are only read.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

# As the engine numbers them (weedgo/staged/model/objects.py).
STAGES = (
    "prerequisites", "sequences", "tables", "columns", "views", "functions", "triggers", "indexes",
    "constraints", "access", "retire",
)  # fmt: skip


class Run(models.Model):
    """A run of `migrate_staged` over this database."""

    class Status(models.TextChoices):
        RUNNING = "running", "Running"
        EQUAL = "equal", "Equal"
        INCOMPLETE = "incomplete", "Incomplete"
        FAILED = "failed", "Failed"
        INTERRUPTED = "interrupted", "Interrupted"
        UNDONE = "undone", "Undone"

    id = models.TextField("run", primary_key=True)
    started = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    status = models.TextField(choices=Status.choices)
    source = models.TextField()
    target = models.TextField()
    options = models.JSONField()
    client_host = models.TextField("host")
    client_user = models.TextField("user")
    client_pid = models.IntegerField("process")
    engine = models.TextField()
    continues = models.ForeignKey(
        "self", models.DO_NOTHING, db_column="continues", null=True, related_name="+"
    )

    class Meta:
        managed = False
        db_table = '"weedgo_migration"."run"'
        verbose_name = "migration run"
        default_permissions = ("view",)
        permissions = [("retry_run", "Can retry steps of migrations")]

    def __str__(self) -> str:
        return self.id

    @property
    def source_kind(self) -> str:
        """What the wanted schema came from: models, a database or a file."""
        if self.source == "models":
            return "models"
        return "file" if self.source.endswith(".sql") else "database"


class Step(models.Model):
    """What a run did to one object; its key is the run and its number there."""

    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        WAITING = "waiting", "Waiting"
        REFUSED = "refused", "Refused"
        SKIPPED = "skipped", "Skipped"
        INTERRUPTED = "interrupted", "Interrupted"
        UNDONE = "undone", "Undone"

    # What a run may still have to do.
    OPEN = (Status.FAILED, Status.REFUSED, Status.WAITING, Status.INTERRUPTED)

    pk = models.CompositePrimaryKey("run", "seq")
    run = models.ForeignKey(Run, models.DO_NOTHING, db_column="run", related_name="steps")
    seq = models.IntegerField()
    id = models.TextField()
    stage = models.SmallIntegerField()
    action = models.TextField()
    kind = models.TextField()
    schema = models.TextField()
    name = models.TextField()
    parent = models.TextField()
    status = models.TextField(choices=Status.choices)
    attempts = models.IntegerField()
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    elapsed = models.FloatField()
    sqlstate = models.TextField()
    message = models.TextField()
    remedy = models.TextField()
    statements = models.JSONField()
    undo = models.JSONField()
    no_undo = models.TextField()
    because = models.TextField()
    hazards = models.JSONField()
    own = models.IntegerField()

    class Meta:
        managed = False
        db_table = '"weedgo_migration"."step"'
        default_permissions = ()

    def __str__(self) -> str:
        return self.id

    @property
    def sql(self) -> str:
        """All of its statements."""
        return "\n".join(f"{one['sql'].rstrip(';')};" for one in self.statements)

    @property
    def undo_sql(self) -> str:
        """What takes it back."""
        return "\n".join(f"{one['sql'].rstrip(';')};" for one in self.undo)

    @property
    def locks(self) -> list[tuple[str, str]]:
        """Which lock it takes on which table in use, in this order."""
        pairs: dict[tuple[str, str], None] = {}
        for one in self.statements:
            if one.get("lock") and one.get("table"):
                _, schema, name, *_ = one["table"]
                pairs[f"{schema}.{name}", one["lock"]] = None
        return list(pairs)


class Job(models.Model):
    """A command that an operator asked for, run outside the site by `run_jobs`."""

    class Kind(models.TextChoices):
        COMPARE = "compare", "Compare with the models"
        MIGRATE = "migrate", "Migrate"

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    UNFINISHED = (State.QUEUED, State.RUNNING)

    kind = models.CharField(max_length=10, choices=Kind.choices)
    command = ArrayField(models.TextField(), help_text="The command and its arguments.")
    state = models.CharField(max_length=10, choices=State.choices, db_default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    requested_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    about = models.TextField("what", db_default="", help_text="The run or step that it is for.")
    exit_status = models.SmallIntegerField(null=True)
    message = models.TextField(db_default="")
    result = models.JSONField(null=True, help_text="The command's document.")

    class Meta:
        db_table_comment = "Commands that operators asked for in the admin."
        default_permissions = ("view",)
        permissions = [("compare_schemas", "Can compare schemas with the models")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(state__in=["queued", "running"]),
                name="console_job_one_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["kind", "-requested_at"], name="console_job_latest_idx")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to end."""
        return self.state in self.UNFINISHED


class SchemaDrift(models.Model):
    """A schema that differs from the models, as the last comparison saw it."""

    schema_name = models.TextField("schema", primary_key=True)
    since = models.DateTimeField("first seen", db_default=Now())
    seen_at = models.DateTimeField("last seen")
    count = models.PositiveIntegerField("differences")
    objects_differing: Any = models.JSONField(help_text="The first of what differs, and how.")

    class Meta:
        db_table_comment = "Schemas that differed from the models when they were last compared."
        verbose_name = "schema that differs"
        verbose_name_plural = "schemas that differ"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.schema_name
