"""What the migrations make of an empty database: the shared schema, and one for all tenants."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from django.db import router, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState
from django.db.utils import IntegrityError
from django_tenants.utils import get_tenant_model
from psycopg import sql

from weedgo import project
from weedgo.management.models import special
from weedgo.management.models.aliases import led_to
from weedgo.project import PUBLIC
from weedgo.staged import catalog as catalogs
from weedgo.staged import db, many
from weedgo.staged.model import Catalog, Object, ObjectId, StagedError

# Stands in definitions where the tenant's schema will stand, and for nothing else.
TOKEN = "weedgo_template"  # noqa: S105 - no secret

Name = tuple[str, str]
"""App label and name of a migration."""


@dataclass(frozen=True)
class Cut:
    """A migration that Django has to run, and the schema in which it has to run.

    Args:
        migration: app label and name.
        why: what in it, such as ``RunPython``.
        catalog: what all migrations before it make.
    """

    migration: Name
    why: str
    catalog: Catalog

    def __str__(self) -> str:
        return f"{'.'.join(self.migration)} ({self.why})"


@dataclass(frozen=True)
class Template:
    """What migrations make of one schema.

    Args:
        catalog: the end.
        cuts: where Django has to run something on the way, in order.
        migrations: all of them, in order.
        special: those that Django would have to run in a schema that has rows.
        fills: defaults of columns that must not be NULL and have none in the database: what the
            rows of a standing table get in such a column when it comes.
        digest: tells the catalog from any other.
        script: SQL that makes the schema where it does not stand; empty for the shared one.
    """

    catalog: Catalog
    cuts: tuple[Cut, ...]
    migrations: tuple[Name, ...]
    special: frozenset[Name]
    fills: Mapping[ObjectId, Object]
    digest: str
    script: str = ""


@dataclass(frozen=True)
class Templates:
    """The shared schema and the tenants', and the day (UTC) on which they were made.

    A project without tenants has no schema for them.
    """

    shared: Template
    tenant: Template | None
    made: date


Applied = Collection[Name]


def build(url: str, shared: Applied = (), tenant: Applied = ()) -> Templates:
    """Run all migrations in a scratch database.

    Args:
        url: the scratch database, empty.
        shared, tenant: migrations that the schema has already, which then come first.

    Raises:
        StagedError: a migration fails.
    """
    with led_to(url) as connection, closing(db.connect(url, application="weedgo models")) as conn:

        def read(schema: str) -> Catalog:
            return _declared(catalogs.read(conn), schema)

        found = _Builder(connection, read, PUBLIC).build(shared)
        tenants = None
        if project.tenanted():
            _make_tenant(connection)
            tenants = _Builder(connection, read, TOKEN).build(tenant)
        return Templates(found, tenants, datetime.now(UTC).date())


@dataclass(frozen=True)
class _Known:
    """Needs that are worked out already, in a form that can be kept on disk."""

    needs: Mapping[ObjectId, frozenset[ObjectId]]

    def __call__(self) -> Mapping[ObjectId, frozenset[ObjectId]]:
        return self.needs


def _declared(catalog: Catalog, schema: str) -> Catalog:
    """What of a scratch database the migrations have made in a schema."""
    made = many.sliced(catalog, {schema, ""} if schema == PUBLIC else {schema})
    # Every database has it, and nobody's models declare it.
    given = {id for id in made.objects if "schema" in (id.kind, id.target) and id.name == PUBLIC}
    return replace(
        made,
        objects={id: obj for id, obj in made.objects.items() if id not in given},
        relate=_Known(made.needs),
        # Addresses of a scratch database lead nowhere, and its connection is gone.
        locate=dict,
    )


def _make_tenant(connection: Any) -> None:
    """The tenant of the template, for migrations that write rows which belong to one."""
    project.work_in(connection, PUBLIC)
    called = {"name": TOKEN} if project.tenants_are_named() else {}
    tenant = get_tenant_model()(schema_name=TOKEN, **called)
    tenant.auto_create_schema = False
    # A project may want more of its tenants than a template can have.
    with suppress(IntegrityError), transaction.atomic(using=connection.alias):
        tenant.save(using=connection.alias)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(TOKEN)))


class _Builder:
    """Migrates one schema of the scratch database, and stops where Django has to run something."""

    def __init__(self, connection: Any, read: Callable[[str], Catalog], schema: str) -> None:
        project.work_in(connection, schema)
        self._executor = MigrationExecutor(connection)
        self._executor.recorder.ensure_schema()
        self._schema, self._read = schema, read
        self._state = ProjectState(real_apps=self._executor.loader.unmigrated_apps)

    def build(self, applied: Applied) -> Template:
        graph = self._executor.loader.graph
        plan = self._executor.migration_plan(graph.leaf_nodes(), clean_start=True)
        order = [migration for migration, _ in plan]
        first = [m for m in order if _name(m) in applied]
        rest = [m for m in order if _name(m) not in applied]
        cuts: list[Cut] = []
        segment = first
        for migration in rest:
            if why := self._why(migration, fresh=not applied and not cuts):
                self._migrate(segment)
                segment = []
                cuts.append(Cut(_name(migration), why, self._read(self._schema)))
            segment.append(migration)
        self._migrate(segment)
        made = self._read(self._schema)
        return Template(
            made,
            tuple(cuts),
            tuple(map(_name, order)),
            frozenset(_name(m) for m in order if self._why(m, fresh=False)),
            self._fills(made),
            hashlib.sha256(made.fingerprint.encode()).hexdigest()[:32],
            many.script(made) if self._schema == TOKEN and not cuts else "",
        )

    def _fills(self, made: Catalog) -> Mapping[ObjectId, Object]:
        """The models' defaults as the database prints them, by having it take them for its own."""
        with self._executor.connection.schema_editor() as editor:
            for table, field in self._defaulted(made):
                value = editor.quote_value(editor.effective_default(field))
                statement = sql.SQL("ALTER TABLE {} ALTER {} SET DEFAULT {}").format(
                    sql.Identifier(table), sql.Identifier(field.column), sql.SQL(value)
                )
                editor.execute(statement.as_string(None), params=None)
        defaults = (o for o in self._read(self._schema) if o.id.kind == "default")
        return {obj.id: obj for obj in defaults if obj.id not in made}

    def _defaulted(self, made: Catalog) -> Iterator[tuple[str, Any]]:
        """Tables and fields with a default that is Django's alone."""
        for model in self._state.apps.get_models(include_auto_created=True):
            if not model._meta.managed or not router.allow_migrate_model(project.owner(), model):
                continue
            table = model._meta.db_table
            for field in model._meta.local_concrete_fields:
                if field.null or not field.has_default() or field.has_db_default():
                    continue
                if ObjectId("column", self._schema, str(field.column), table) in made.objects:
                    yield table, field

    def _why(self, migration: Migration, *, fresh: bool) -> str:
        """Why Django has to run a migration in this schema; in a fresh one no name is in use."""
        if router.allow_migrate(project.owner(), migration.app_label) is False:
            return ""
        rows, names = special.touches_rows(migration), special.renames(migration)
        return rows if fresh else ", ".join(filter(None, (rows, names)))

    def _migrate(self, migrations: list[Migration]) -> None:
        for migration in migrations:
            try:
                self._apply(migration)
            except Exception as error:
                raise StagedError(
                    f"migration {'.'.join(_name(migration))} fails in a scratch database: "
                    f"{db.one_line(error)}; see `manage.py migrate_schemas --traceback` on an "
                    "empty database"
                ) from error

    def _apply(self, migration: Migration) -> None:
        if router.allow_migrate(project.owner(), migration.app_label) is False:
            # Nothing of it belongs here. Django would render its models all the same, and that is
            # most of what migrating costs.
            self._state.__dict__.pop("apps", None)
            self._state = migration.mutate_state(self._state, preserve=False)
            self._executor.recorder.record_applied(*_name(migration))
        else:
            self._state = self._executor.apply_migration(self._state, migration)


def _name(migration: Migration) -> Name:
    return migration.app_label, migration.name
