"""Where tenants are on a Citus cluster: spread over its nodes, and moved between them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from weedgo.tenancy import citus
from weedgo.tenancy.citus import CitusError


@dataclass(frozen=True)
class Node:
    """A node: its number, its address, and what it has of tenants."""

    id: int
    name: str
    tenants: tuple[str, ...]
    bytes: int


_LOCAL_TENANTS = """
SELECT t.schema_name FROM public.tenancy_tenant t
  JOIN pg_namespace n ON n.nspname = t.schema_name
 WHERE t.schema_name <> 'public'
   AND NOT EXISTS (SELECT FROM pg_dist_schema s WHERE s.schemaid = n.oid)
 ORDER BY t.schema_name
"""
# Shared tables that are local still and that a tenant's tables reference.
_REFERENCED = """
SELECT DISTINCT r.oid::regclass::text, r.relname::text
  FROM pg_constraint k
  JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
 WHERE k.contype = 'f' AND t.relnamespace = %s::regnamespace AND r.relnamespace <> t.relnamespace
   AND NOT EXISTS (SELECT FROM pg_dist_partition p
                    WHERE p.logicalrelid = r.oid AND p.partmethod = 'n' AND p.repmodel = 't')
 ORDER BY 1
"""
# Tables with rows, and whether anything happens when they are written or emptied.
_HELD = """
SELECT c.oid::regclass::text, c.relhastriggers FROM pg_class c
 WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0
"""
_TRIGGERS = """
SELECT c.oid::regclass::text, t.tgname::text, t.tgenabled::text
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE c.relnamespace = %s::regnamespace AND NOT t.tgisinternal ORDER BY 1, 2
"""
_STATES = {"A": "ENABLE ALWAYS", "R": "ENABLE REPLICA", "D": "DISABLE"}
_NODES = """
SELECT n.nodeid, n.nodename || ':' || n.nodeport,
       coalesce(json_agg(DISTINCT p.nspname) FILTER (WHERE p.nspname IS NOT NULL), '[]')::text,
       coalesce(sum(s.shard_size), 0)::bigint
  FROM pg_dist_node n
  LEFT JOIN citus_shards s ON s.nodename = n.nodename AND s.nodeport = n.nodeport
  LEFT JOIN pg_class c ON c.oid = s.table_name
  LEFT JOIN pg_namespace p ON p.oid = c.relnamespace
   AND EXISTS (SELECT FROM pg_dist_schema d WHERE d.schemaid = p.oid)
 WHERE n.noderole = 'primary'
 GROUP BY 1, 2 ORDER BY 1
"""


def local_tenants(cursor: Any) -> list[str]:
    """The schemas of tenants that are on the first node as ordinary tables."""
    cursor.execute(_LOCAL_TENANTS)
    return [str(name) for (name,) in cursor.fetchall()]


def distribute(cursor: Any, schema: str) -> None:
    """Make a tenant's schema a distributed one, with its rows; in the transaction at hand.

    Reads and writes of its tables wait meanwhile. Shared tables that it references become reference
    tables, which every node has.

    Raises:
        CitusError: it references a table that cannot become one.
    """
    cursor.execute("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
    cursor.execute("SET LOCAL client_min_messages = 'warning'")
    cursor.execute(_REFERENCED, [_quoted(schema)])
    for table, name in cursor.fetchall():
        if citus.each_node_has(name):
            raise CitusError(
                f"{schema} references {table}, of which each node has a table of its own: drop the"
                " foreign key (db_constraint=False) and run again"
            )
        cursor.execute("SELECT create_reference_table(%s::regclass)", [table])
    cursor.execute(_HELD, [_quoted(schema)])
    held = cursor.fetchall()
    # Rows are copied to the node and freed here; nobody writes or empties anything.
    with _silent(cursor, schema) if any(noted for _, noted in held) else nullcontext():
        cursor.execute("SELECT citus_schema_distribute(%s::regnamespace)", [_quoted(schema)])
        for table, _ in held:
            cursor.execute(
                "SELECT truncate_local_data_after_distributing_table(%s::regclass)", [table]
            )


@contextmanager
def _silent(cursor: Any, schema: str) -> Iterator[None]:
    """Have no trigger of a schema fire meanwhile; afterwards each does as it did."""
    cursor.execute(_TRIGGERS, [_quoted(schema)])
    triggers = cursor.fetchall()
    tables = sorted({table for table, _, _ in triggers})
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    for table, name, state in triggers:
        if word := _STATES.get(state):
            named = sql.Identifier(name).as_string(None)
            cursor.execute(f"ALTER TABLE {table} {word} TRIGGER {named}")


def nodes(cursor: Any) -> list[Node]:
    """All nodes, the first of them the one at hand."""
    cursor.execute(_NODES)
    return [
        Node(int(id), str(name), tuple(json.loads(tenants)), int(size))
        for id, name, tenants, size in cursor.fetchall()
    ]


def move(cursor: Any, schema: str, node: str) -> tuple[str, str]:
    """Move a tenant to another node, while it is read and written; outside transactions.

    Args:
        schema: the tenant's, distributed.
        node: `host:port` or the node's number.

    Returns:
        The node that it was on, and the one that it is on now.

    Raises:
        CitusError: there is no such node, or the tenant is not distributed, or is there already.
    """
    known = nodes(cursor)
    found = next((n for n in known if node in (n.name, str(n.id))), None)
    if found is None:
        raise CitusError(f"there is no node {node}; there are: {', '.join(n.name for n in known)}")
    source = next((n for n in known if schema in n.tenants), None)
    if source is None:
        raise CitusError(f"{schema} is on no node: run manage.py distribute_tenants {schema} first")
    if source is found:
        raise CitusError(f"{schema} is on {found.name} already")
    cursor.execute(
        "SELECT citus_schema_move(%s::regnamespace, n.nodename, n.nodeport, 'auto')"
        " FROM pg_dist_node n WHERE n.nodeid = %s",
        [_quoted(schema), found.id],
    )
    return source.name, found.name


def _quoted(schema: str) -> str:
    return sql.Identifier(schema).as_string(None)
