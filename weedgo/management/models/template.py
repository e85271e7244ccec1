"""What the migrations make of an empty database: the shared schema, and one for all tenants."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from django.db import router
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django_tenants.utils import get_tenant_model
from psycopg import sql

from weedgo.management.models import special
from weedgo.management.models.aliases import led_to
from weedgo.staged import catalog as catalogs
from weedgo.staged import db, many
from weedgo.staged.model import Catalog, ObjectId, StagedError

PUBLIC = "public"
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
    """

    catalog: Catalog
    cuts: tuple[Cut, ...]
    migrations: tuple[Name, ...]
    special: frozenset[Name]


@dataclass(frozen=True)
class Templates:
    """The shared schema and the tenants', and the day (UTC) on which they were made."""

    shared: Template
    tenant: Template
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
        _make_tenant(connection)
        return Templates(
            found, _Builder(connection, read, TOKEN).build(tenant), datetime.now(UTC).date()
        )


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
    )


def _make_tenant(connection: Any) -> None:
    """The tenant of the template, for migrations that write rows which belong to one."""
    connection.set_schema_to_public()
    tenant = get_tenant_model()(schema_name=TOKEN, name=TOKEN)
    tenant.auto_create_schema = False
    tenant.save(using="owner")
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(TOKEN)))


class _Builder:
    """Migrates one schema of the scratch database, and stops where Django has to run something."""

    def __init__(self, connection: Any, read: Callable[[str], Catalog], schema: str) -> None:
        connection.set_schema(schema)
        self._executor = MigrationExecutor(connection)
        self._schema, self._read = schema, read
        self._state: Any = None

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
        return Template(
            self._read(self._schema),
            tuple(cuts),
            tuple(map(_name, order)),
            frozenset(_name(m) for m in order if self._why(m, fresh=False)),
        )

    def _why(self, migration: Migration, *, fresh: bool) -> str:
        """Why Django has to run a migration in this schema; in a fresh one no name is in use."""
        if router.allow_migrate("owner", migration.app_label) is False:
            return ""
        rows, names = special.touches_rows(migration), special.renames(migration)
        return rows if fresh else ", ".join(filter(None, (rows, names)))

    def _migrate(self, migrations: list[Migration]) -> None:
        if not migrations:
            return
        plan = [(migration, False) for migration in migrations]
        try:
            self._state = self._executor.migrate(None, plan=plan, state=self._state)
        except Exception as error:
            said = db.one_line(error)
            raise StagedError(
                f"the models' migrations fail in a scratch database: {said}; "
                "see `manage.py migrate_schemas --traceback` on an empty database"
            ) from error


def _name(migration: Migration) -> Name:
    return migration.app_label, migration.name
