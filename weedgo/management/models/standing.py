"""What a target has of the models already: tenants, and the migrations applied in each schema."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import psycopg
from django.core.management.sql import emit_post_migrate_signal
from django.db import transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError
from django_tenants.utils import get_tenant_model
from psycopg import sql

from weedgo import databases, project
from weedgo.management.models.aliases import led_to
from weedgo.management.models.template import Name
from weedgo.project import PUBLIC
from weedgo.staged import db
from weedgo.staged.db import Connection
from weedgo.staged.entries import addition
from weedgo.staged.model import (
    Action,
    Change,
    Guard,
    ObjectId,
    Options,
    Stage,
    StagedError,
    Statement,
    Step,
)
from weedgo.tenancy import isolation
from weedgo.tenancy.citus import CitusError


def tenants(conn: Connection, only: Collection[str] | None = None) -> dict[str, str]:
    """The schemas of the target's tenants, each with its name as definitions print it.

    Args:
        conn: to the target.
        only: schemas or names of tenants; None for all of them.

    Raises:
        StagedError: a tenant that was named is not there.
    """
    known = _registered(conn)
    if only is None:
        return {schema: printed for schema, _, printed in known}
    chosen = {s: printed for s, name, printed in known if s in only or name in only}
    missing = sorted(set(only) - {s for s, _, _ in known} - {n for _, n, _ in known})
    if missing:
        names = ", ".join(s for s, _, _ in known[:10]) or "none"
        raise StagedError(
            f"--tenants: there is no tenant {', '.join(missing)} in {conn.info.dbname}; "
            f"there are: {names}{', …' if len(known) > 10 else ''}"
        )
    return chosen


def _registered(conn: Connection) -> Sequence[tuple[Any, ...]]:
    if not project.tenanted():
        return ()
    table = sql.Identifier(PUBLIC, get_tenant_model()._meta.db_table)
    name = "name" if project.tenants_are_named() else "schema_name"
    try:
        return conn.execute(
            sql.SQL(
                "SELECT schema_name, {}, pg_catalog.quote_ident(schema_name) FROM {}"
                " WHERE schema_name <> 'public' ORDER BY schema_name"
            ).format(sql.Identifier(name), table)
        ).fetchall()
    except psycopg.errors.UndefinedTable:
        return ()


_TABLES = """
SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relname = 'django_migrations' AND c.relkind = 'r' AND n.nspname = ANY(%s)
"""


def applied(conn: Connection, schemas: Iterable[str]) -> Mapping[str, frozenset[Name]]:
    """The migrations that each schema has, as Django has recorded them."""
    wanted = list(schemas)
    here = [str(row[0]) for row in conn.execute(_TABLES, [wanted]).fetchall()]
    found: dict[str, set[Name]] = {schema: set() for schema in wanted}
    if here:
        parts = [
            sql.SQL("SELECT {}::text, app, name FROM {}").format(
                sql.Literal(schema), sql.Identifier(schema, "django_migrations")
            )
            for schema in here
        ]
        for schema, app, name in conn.execute(sql.SQL(" UNION ALL ").join(parts)).fetchall():
            found[schema].add((app, name))
    return {schema: frozenset(names) for schema, names in found.items()}


_MISSING = """
SELECT n.nspname::text, w.relation, w.attribute
  FROM unnest(%s::text[], %s::text[]) w (relation, attribute)
  JOIN pg_catalog.pg_class c ON c.relname = w.relation
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY(%s)
 WHERE c.relkind IN ('r', 'p') AND NOT EXISTS (
       SELECT FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attname = w.attribute AND NOT a.attisdropped)
"""


def missing_columns(
    conn: Connection, schemas: Iterable[str], columns: Sequence[tuple[str, str]]
) -> Mapping[str, set[tuple[str, str]]]:
    """For each schema, of columns by table, those that a standing table of it lacks."""
    tables, names = [table for table, _ in columns], [name for _, name in columns]
    found: dict[str, set[tuple[str, str]]] = {schema: set() for schema in schemas}
    for schema, table, name in conn.execute(_MISSING, [tables, names, list(found)]).fetchall():
        found[schema].add((table, name))
    return found


def record(
    url: str, schema: str, migrations: Iterable[Name], *, signal: bool, run: str = ""
) -> int:
    """Record migrations as applied in a schema, all or none.

    Args:
        url: the target.
        schema: a schema of it that has Django's table of migrations.
        migrations: in order; those that are recorded already are passed over.
        signal: whether to do what Django does after migrating, such as making content types and
            permissions; only if anything was recorded.
        run: of the engine, which takes the record back with the rest when it is rolled back.

    Returns:
        How many were new.
    """
    names = list(migrations)
    with closing(db.connect(url, application="weedgo models")) as conn:
        known = applied(conn, [schema])[schema]
    new = [name for name in names if name not in known]
    if not new:
        return 0
    with led_to(url) as connection:
        project.work_in(connection, schema)
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            insert(cursor, schema, new)
            note(cursor, run, recorded(schema, new))
            if signal:
                emit_post_migrate_signal(0, False, connection.alias)  # noqa: FBT003 - Django's signature
    return len(new)


def roles() -> frozenset[str]:
    """Roles of whose rights the migrations say all."""
    return isolation.ROLES if project.isolated() else frozenset()


def make_roles(url: str) -> None:
    """Make the roles to which migrations grant, where they are not there and may be made."""
    if not project.isolated():
        return
    with closing(db.connect(url, application="weedgo isolation")) as conn:
        conn.execute(isolation.MAKE_ROLES)


def isolate(url: str) -> str:
    """Bring about the roles and rights of tenants in a target.

    In another database than the project's own no log-in gets any.

    Args:
        url: the target, whose shared schema is the models'.

    Returns:
        Which protection is off, and why; empty for none.
    """
    if not project.isolated():
        return ""
    own = url == databases.url_of(project.owner())
    with closing(db.connect(url, application="weedgo isolation")) as conn, conn.cursor() as cursor:
        try:
            off = isolation.isolate_by(cursor, isolation.login() if own else "")
        except (psycopg.Error, CitusError) as error:
            return db.one_line(error)
        return off if own else ""


def insert(cursor: Any, schema: str, migrations: Sequence[Name]) -> None:
    """Record migrations as applied, in the transaction of a cursor of Django's."""
    cursor.executemany(
        sql.SQL("INSERT INTO {} (app, name, applied) VALUES (%s, %s, now())").format(
            sql.Identifier(schema, "django_migrations")
        ),
        migrations,
    )


def note(cursor: Any, run: str, step: Step) -> None:
    """Add a step that was done beside the engine to a run of it, or to the last in the journal."""
    cursor.execute("SELECT to_regclass('weedgo_migration.run') IS NOT NULL")
    if not run or not cursor.fetchone()[0]:
        return
    cursor.execute(
        "SELECT id, ARRAY(SELECT s.id FROM weedgo_migration.step s"
        " WHERE s.run = r.id AND s.status = 'done'),"
        " (SELECT count(*) FROM weedgo_migration.step s WHERE s.run = r.id AND"
        " (s.id = %s OR starts_with(s.id, %s))) FROM weedgo_migration.run r"
        " ORDER BY id = %s DESC, started DESC LIMIT 1",
        [step.id, f"{step.id}, ", run],
    )
    if found := cursor.fetchone():
        id, done, before = found
        needs = tuple(done) if step.undo_guards else ()
        named = f"{step.id}, {before + 1}" if before else step.id
        cursor.execute(*addition(id, replace(step, id=named, needs=needs)))


def recorded(schema: str, migrations: Sequence[Name]) -> Step:
    """The step that records migrations, whose undo forgets them."""
    pairs = sql.SQL(", ").join(
        sql.SQL("({}, {})").format(sql.Literal(app), sql.Literal(name)) for app, name in migrations
    )
    forget = sql.SQL("DELETE FROM {} WHERE (app, name) IN ({})").format(
        sql.Identifier(schema, "django_migrations"), pairs
    )
    return _beside(f"record migrations in {schema}", schema, undo=forget.as_string(None))


def note_migration(url: str, schema: str, name: Name, run: str, *, new: bool) -> None:
    """Tell the journal that Django ran a migration: what it did to rows only that knows.

    Nothing that came before it is taken back until Django itself has reversed it.

    Args:
        url: the target.
        schema, name: where it ran, and which it is.
        run: of the engine, which came before it and cannot be taken back alone.
        new: whether the schema is, so that no row was there before.
    """
    said = ".".join(name)
    step = recorded(schema, [name])
    if not new:
        step = replace(step, undo=(), undo_guards=(_reversed_first(schema, name),))
    with closing(db.connect(url, application="weedgo models")) as conn, conn.cursor() as cursor:
        note(cursor, run, replace(step, id=f"run migration {said} in {schema}"))


def _reversed_first(schema: str, name: Name) -> Guard:
    """Counts a migration that is recorded as applied."""
    query = sql.SQL("SELECT count(*) FROM {} WHERE (app, name) = ({}, {})").format(
        sql.Identifier(schema, "django_migrations"), *map(sql.Literal, name)
    )
    app, number = name
    return Guard(
        query.as_string(None),
        f"Django ran {app}.{number} in {schema}, which only Django can reverse",
        f"reverse it first: manage.py migrate_schemas --schema {schema} {app} and the migration"
        f" before {number}",
    )


def _beside(id: str, schema: str, *, undo: str) -> Step:
    what = ObjectId("migrations", schema, "django_migrations")
    return Step(
        id=id,
        changes=(Change(what, Action.ALTER, None, None),),
        statements=(),
        undo=(Statement(undo),),
        home=Stage.RETIRE,
        stage=Stage.RETIRE,
    )


def run_migration(url: str, schema: str, name: Name, options: Options) -> None:
    """Have Django run one migration whose predecessors are recorded.

    A lock that is not to be had is asked for again; whatever else happens, the migration is rolled
    back if it can be.

    Raises:
        StagedError: it fails.
    """
    for attempt in range(options.retries + 1):
        try:
            with led_to(url) as connection:
                _migrate(connection, schema, name, options)
            return
        except OperationalError as error:
            busy = isinstance(error.__cause__, psycopg.errors.LockNotAvailable)
            if not busy or attempt == options.retries:
                raise _failed(schema, name, error) from error
        except Exception as error:
            raise _failed(schema, name, error) from error


def _migrate(connection: Any, schema: str, name: Name, options: Options) -> None:
    project.work_in(connection, schema)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)",
                       [f"{round(options.lock_timeout * 1000)}ms"])  # fmt: skip
    executor = MigrationExecutor(connection)
    migration = executor.loader.get_migration(*name)
    executor.migrate(None, plan=[(migration, False)])


def _failed(schema: str, name: Name, error: Exception) -> StagedError:
    return StagedError(f"migration {'.'.join(name)} fails in schema {schema}: {db.one_line(error)}")
