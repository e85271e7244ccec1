"""Whether each tracked table really is: the state and definition of every trigger and function."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from audit import jobs
from audit.tracking import tracked
from weedgo import project

SQL = Path(__file__).parent / "sql"
# Bits of pg_trigger.tgtype: INSERT, DELETE, UPDATE, TRUNCATE; neither ROW nor BEFORE.
TYPES = {"insert": 4, "delete": 8, "update": 16, "truncate": 32}
TRIGGERS = """
    SELECT n.nspname, c.relname, t.tgname, t.tgenabled::text, t.tgtype,
           p.oid::regprocedure::text,
           encode(t.tgargs, 'escape'), t.tgoldtable, t.tgnewtable,
           t.tgqual IS NULL AND t.tgattr = ''
      FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
      JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_proc AS p ON p.oid = t.tgfoid
     WHERE NOT t.tgisinternal AND t.tgname LIKE 'pgtrigger\\_audit\\_%%'
"""
TABLES = "SELECT schemaname, tablename FROM pg_tables WHERE tablename = ANY (%s)"
FUNCTIONS = """
    SELECT p.proname, p.prosrc, p.prosecdef, coalesce(p.proconfig::text, '')
      FROM pg_proc AS p
     WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'agi\\_audit\\_%%'
"""
GUARDS = """
    SELECT c.relname, count(*) FILTER (WHERE t.tgenabled IN ('O', 'A') AND t.tgfoid =
                                       'public.agi_audit_refuse'::regproc)
      FROM pg_class AS c LEFT JOIN pg_trigger AS t ON t.tgrelid = c.oid AND NOT t.tgisinternal
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND (c.relname IN ('agi_audit_logs', 'agi_audit_seals')
            OR c.oid IN (SELECT i.inhrelid FROM pg_inherits AS i
                          WHERE i.inhparent = 'public.agi_audit_logs'::regclass))
     GROUP BY c.relname
"""
REPLICA = """
    SELECT coalesce('role ' || r.rolname, 'all roles') || coalesce(' in ' || d.datname, '')
      FROM pg_db_role_setting AS s LEFT JOIN pg_roles AS r ON r.oid = s.setrole
      LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
     WHERE EXISTS (SELECT FROM unnest(s.setconfig) AS c
                    WHERE c ~ '^session_replication_role=(replica|local)$')
     UNION ALL
    SELECT 'this session' WHERE current_setting('session_replication_role') <> 'origin'
"""
MARK = re.compile(
    r"CREATE (?:OR REPLACE )?FUNCTION public\.(agi_audit_\w+)\(.*?AS \$\$(.*?)\$\$;", re.DOTALL
)


@dataclass(frozen=True)
class Gap:
    """A place where changes could go unseen, or what was seen be changed.

    Args:
        where: a table, trigger, function or role.
        detail: what is wrong, and what mends it.
    """

    where: str
    detail: str


def check(using: str | None = None) -> list[Gap]:
    """Return all gaps, in the shared schema and in each tenant's.

    Args:
        using: a database alias; left out, the owner's.
    """
    connection = jobs.connection() if using is None else _connection(using)
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS)
        standing = {(row[0], row[1], row[2]): row[3:] for row in cursor.fetchall()}
        cursor.execute(TABLES, [[model._meta.db_table for model, _ in tracked()]])
        tables = set(cursor.fetchall())
        gaps = [*_trigger_gaps(standing, tables), *_function_gaps(cursor), *_guard_gaps(cursor)]
        cursor.execute(REPLICA)
        for (where,) in cursor.fetchall():
            detail = (
                "session_replication_role is not origin: triggers other than the audit's are silent"
            )
            gaps.append(Gap(where, detail))
    return gaps


def _connection(using: str) -> Any:
    from django.db import connections

    return connections[using]


def _trigger_gaps(standing: dict[Any, Any], tables: set[tuple[str, str]]) -> Iterator[Gap]:
    for model, trigger in tracked():
        sql = trigger.compile(model).sql
        event = str(trigger.name).removeprefix("audit_")
        arguments = re.findall(r"'((?:[^']|'')*)'", str(sql.kwargs["execute"]))
        expected = (
            TYPES[event],
            "agi_audit_capture()",
            "".join(argument.replace("''", "'") + "\\000" for argument in arguments),
            "oldt" if event in ("update", "delete") else None,
            "newt" if event in ("update", "insert") else None,
            True,
        )
        for schema in _schemas(model):
            table = model._meta.db_table
            if (schema, table) not in tables:
                continue
            where = f"{schema}.{table}"
            found = standing.get((schema, table, sql.pgid))
            if found is None:
                yield Gap(where, f"the trigger {sql.pgid} is missing; run migrate_staged")
                continue
            if found[0] != "A":
                state = {
                    "D": "disabled",
                    "O": "silent in replica mode",
                    "R": "in replica mode only",
                }
                yield Gap(where, f"the trigger {sql.pgid} is {state[found[0]]}; run migrate_staged")
            if (found[1], found[2].removeprefix("public."), *found[3:]) != expected:
                yield Gap(where, f"the trigger {sql.pgid} was altered; run migrate_staged")


def _schemas(model: type[models.Model]) -> list[str]:
    label = model._meta.app_config.name if model._meta.app_config else model._meta.app_label
    shared = getattr(settings, "SHARED_APPS", None)
    if shared is None or any(app == label or app.startswith(f"{label}.") for app in shared):
        return [project.PUBLIC]
    return _tenants()


def _tenants() -> list[str]:
    from django_tenants.utils import get_tenant_model

    rows = get_tenant_model().objects.using(jobs.connection().alias)
    return list(rows.exclude(schema_name=project.PUBLIC).values_list("schema_name", flat=True))


def _function_gaps(cursor: Any) -> Iterator[Gap]:
    cursor.execute(FUNCTIONS)
    standing = {name: (body, definer, config) for name, body, definer, config in cursor.fetchall()}
    for name, body in _functions().items():
        found = standing.get(name)
        if found is None:
            yield Gap(f"public.{name}", "the function is missing; run migrate_staged --shared")
        elif found[0] != body:
            yield Gap(f"public.{name}", "the function was altered; run migrate_staged --shared")
        elif name in ("agi_audit_capture", "agi_audit_record", "agi_audit_refuse") and (
            not found[1] or "search_path=" not in found[2]
        ):
            yield Gap(f"public.{name}", "it does not run as its owner on a pinned search_path")


@functools.cache
def _functions() -> dict[str, str]:
    """Each function's body as our files have it, later files before earlier ones."""
    bodies: dict[str, str] = {}
    for path in sorted(SQL.glob("*.sql"), key=lambda path: path.name[:4]):
        bodies |= dict(MARK.findall(path.read_text(encoding="utf-8")))
    return bodies


def _guard_gaps(cursor: Any) -> Iterator[Gap]:
    cursor.execute(GUARDS)
    for table, guards in cursor.fetchall():
        if guards < 2:
            yield Gap(f"public.{table}", "a trigger that refuses changes is missing or disabled")
