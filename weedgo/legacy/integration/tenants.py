"""Rows given to a tenant are that tenant's, and found by an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, LiteralString

from psycopg import sql

from weedgo.legacy.integration.checks import Connection, expect, finding, value
from weedgo.staged.model import Catalog, Finding


def tenancy(conn: Connection, source: Catalog) -> Iterator[Finding]:
    """One finding for each table that has tenant_id in the source."""
    led = _led_by_tenant(source)
    for obj in sorted(source, key=lambda o: o.id):
        id = obj.id
        if id.kind == "column" and id.name == "tenant_id":
            path = f"{id.schema}.{id.parent}"

            def run(c: Connection, schema: str = id.schema, table: str = id.parent) -> None:
                _holds_tenants(c, schema, table)
                expect(
                    (schema, table) not in led or value(c, _TENANT_INDEX, schema, table),
                    "no valid index begins with tenant_id, as one does in the source",
                )

            yield finding(conn, "tenancy", path, run)


def _led_by_tenant(source: Catalog) -> set[tuple[str, str]]:
    """Tables for which the source has an index that begins with tenant_id."""
    return {
        (obj.id.schema, obj["table"])
        for obj in source
        if obj.id.kind == "index" and re.search(r"USING \w+ \(tenant_id\b", obj["definition"])
    }


def _holds_tenants(conn: Connection, schema: str, table: str) -> None:
    """A row given to a tenant is found by that tenant, and by no other."""
    relation = sql.Identifier(schema, table)
    tenants = [row[0] for row in conn.execute("SELECT id FROM tenants ORDER BY id LIMIT 2")]
    expect(len(tenants) == 2, "there are not two tenants to tell apart")
    count = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %s").format(relation)
    mine, theirs = (_count(conn, count, tenant) for tenant in tenants)
    give = sql.SQL(
        "UPDATE {0} SET tenant_id = %s WHERE ctid = (SELECT ctid FROM {0}"
        " WHERE tenant_id IS NULL OR tenant_id <> ALL (%s) LIMIT 1)"
    ).format(relation)
    given = conn.execute(give, [tenants[0], tenants]).rowcount
    found = [_count(conn, count, tenant) for tenant in tenants]
    expect(found == [mine + given, theirs], "a row given to one tenant is not found by it alone")


def _count(conn: Connection, query: sql.Composed, tenant: Any) -> int:
    row = conn.execute(query, [tenant]).fetchone()
    return int(row[0]) if row else 0


_TENANT_INDEX: LiteralString = """
    SELECT count(*) FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
     WHERE n.nspname = %s AND c.relname = %s AND a.attname = 'tenant_id'
       AND i.indisvalid AND i.indisready
"""
