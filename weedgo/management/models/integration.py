"""Integration checks of the models: what is shared, then each tenant; all that is written goes.

They are the seed's checks, as the models keep its names, and stricter ones of tenancy: the database
fills in the tenant of a row and refuses any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from django.db import transaction
from psycopg import sql

from inventory.models import Stock
from weedgo.legacy import integration
from weedgo.management.models.aliases import led_to
from weedgo.project import PUBLIC
from weedgo.staged import many
from weedgo.staged.declared import Declared
from weedgo.staged.model import Finding, ObjectId

Connection = psycopg.Connection[Any]

# No tenant ever has it.
NOBODY = -1


def check(url: str, declared: Declared, queries: str) -> tuple[Finding, ...]:
    """Run all checks.

    Args:
        url: the database.
        declared: what the models declare for it, all tenants included.
        queries: statements of SQL, each after a line ``-- name: …``; those that ask for what the
            models do not have are passed over.
    """
    schemas = [PUBLIC] if any(o.id.schema == PUBLIC for o in declared.catalog) else []
    found: list[Finding] = []
    with led_to(url) as connection:
        for schema in [*schemas, *sorted(declared.whole)]:
            connection.set_schema(schema)
            with transaction.atomic(using=connection.alias):
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
                found += _in(connection.connection, schema, declared, queries)
                transaction.set_rollback(True, using=connection.alias)
    return tuple(found)


def _in(conn: Connection, schema: str, declared: Declared, queries: str) -> list[Finding]:
    if schema == PUBLIC:
        return list(integration.shared(conn))
    tables = sorted(
        o.id.parent
        for o in many.sliced(declared.catalog, {schema})
        if o.id.kind == "column" and o.id.name == "tenant_id"
    )
    if not Stock.objects.exists():
        # A young tenant has nothing to try the columns on.
        from inventory.factories import StockFactory

        StockFactory()
    found = [
        *_tenancy(conn, schema, tables),
        *integration.inventory(conn),
        *_planner(conn, schema, declared, queries),
    ]
    return [Finding(f.check, f"{schema}: {f.subject}", f.holds, f.detail) for f in found]


def _tenancy(conn: Connection, schema: str, tables: Sequence[str]) -> Iterator[Finding]:
    row = conn.execute(
        "SELECT id FROM public.tenancy_tenant WHERE schema_name = %s", [schema]
    ).fetchone()
    tenant = row[0] if row else None
    for table in tables:

        def run(c: Connection, table: str = table) -> None:
            _owned(c, schema, table, tenant)

        yield integration.finding(conn, "tenancy", table, run)


_GUARD = """
SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid), EXISTS (
       SELECT FROM pg_catalog.pg_trigger t
        WHERE t.tgrelid = c.oid AND t.tgenabled IN ('O', 'A')
          AND t.tgfoid = 'public.weedgo_guard_tenant'::pg_catalog.regproc)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE n.nspname = %s AND c.relname = %s
"""


def _owned(conn: Connection, schema: str, table: str, tenant: Any) -> None:
    """A table's rows are the tenant's, filled in by the database and guarded by it."""
    row = conn.execute(_GUARD, [schema, table]).fetchone()
    integration.expect(row, "there is no such table")
    default, guarded = row or ("", False)
    integration.expect(
        "weedgo_current_tenant" in (default or ""), f"the database fills in {default or 'nothing'}"
    )
    integration.expect(guarded, "no trigger guards tenant_id")
    relation = sql.Identifier(schema, table)
    count = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id IS DISTINCT FROM %s").format(relation)
    others = conn.execute(count, [tenant]).fetchone()
    integration.expect(others == (0,), f"{others and others[0]} rows are not of tenant {tenant}")
    _refuses_others(conn, relation)


def _refuses_others(conn: Connection, relation: sql.Identifier) -> None:
    give = sql.SQL(
        "UPDATE {0} SET tenant_id = %s WHERE ctid = (SELECT ctid FROM {0} LIMIT 1)"
    ).format(relation)
    try:
        with conn.transaction():
            given = conn.execute(give, [NOBODY]).rowcount
    except psycopg.Error as error:
        # Whichever trigger comes first refuses it: the guard, or that of a table that only grows.
        if error.sqlstate in ("42501", "P0001") or (error.sqlstate or "")[:2] in ("23", "55"):
            return
        raise
    integration.expect(not given, "a row can be given to another tenant")


def _planner(conn: Connection, schema: str, declared: Declared, queries: str) -> Iterator[Finding]:
    """The queries that the models can answer, and how many of their indexes those use."""
    ours = {
        ObjectId("index", schema, o.id.name).name
        for o in declared.catalog
        if o.id.schema == schema and o.id.kind in ("index", "constraint")
    }
    # A young tenant's tables are so small that they would be read whole.
    conn.execute("SET LOCAL enable_seqscan = off")
    used: set[str] = set()
    for name, query in integration.named_queries(queries).items():

        def run(c: Connection, query: str = query) -> None:
            used.update(integration.indexes_used(c, query))

        found = integration.finding(conn, "queries", name, run)
        if found.holds or "SQLSTATE 42" not in found.detail:
            yield found
    count = len(used & ours)
    least = integration.INDEXES_USED
    detail = f"{count} of the {len(ours)} indexes are used"
    yield Finding("planner", f"at least {least} indexes", count >= least, detail)
