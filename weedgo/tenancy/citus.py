"""Tenants on a Citus cluster: each one's schema on a node of its own, shared tables on the first.

Nothing here is used where the extension is not. On a cluster, triggers run on the node that has the
rows. What their functions read or write beside their tenant's own tables is local to each node, and
brought there by `prepare`; what gathers there is fetched by whoever it belongs to (`on_workers`).
See docs/how-to/scale-out.md, and weedgo/tenancy/placement.py for where tenants are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql

# True on the node that knows the others; anywhere else the functions here have no business.
PRESENT = (
    "(to_regclass('pg_catalog.pg_dist_node') IS NOT NULL"
    " AND EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'citus'))"
)


class CitusError(Exception):
    """A node of the cluster refuses, or is not what is needed; the message is one line."""


@dataclass(frozen=True)
class NodeTable:
    """A table of `public` that each node has for itself, for functions of triggers.

    Args:
        name: of the table.
        columns: the ones that there are on a node; empty for all.
        copied: whether its rows are the first node's. Otherwise rows gather there.
        first: a statement for the first node that makes the rows; empty for none.
    """

    name: str
    columns: tuple[str, ...] = ()
    copied: bool = False
    first: str = ""


_tables: dict[str, NodeTable] = {}


def on_each_node(table: NodeTable) -> None:
    """Have `prepare` bring a table to each node; for apps, when they are ready."""
    _tables[table.name] = table


on_each_node(NodeTable("tenancy_tenant", ("id", "schema_name", "name", "state"), copied=True))


def each_node_has(table: str) -> bool:
    """Whether each node has a table of `public` of its own by that name."""
    return table in _tables


def present(cursor: Any) -> bool:
    """Whether the database of a cursor has the extension."""
    cursor.execute(f"SELECT {PRESENT}")
    return bool(cursor.fetchone()[0])


# Databases that are known to be on a cluster; the backend looks when it first meets one.
_clusters: set[tuple[str, ...]] = set()


def place(connection: psycopg.Connection[Any]) -> tuple[str, ...]:
    """What tells a connection's database from others, for this process."""
    info = connection.info
    return info.host, str(info.port), info.dbname


def note(connection: psycopg.Connection[Any], *, clustered: bool) -> None:
    """Remember whether a connection's database is on a cluster."""
    (_clusters.add if clustered else _clusters.discard)(place(connection))


def leads_to_cluster(connection: psycopg.Connection[Any]) -> bool:
    """Whether a connection's database is known to be on a cluster."""
    return bool(_clusters) and place(connection) in _clusters


def setting_local(connection: psycopg.Connection[Any], name: str, value: str) -> str:
    """The statement by which a transaction is told something that triggers ask for.

    On a cluster only SET LOCAL reaches the nodes, and only as a message of its own.

    Args:
        connection: that it is for.
        name: of the setting, such as `weedgo.audit`.
        value: of it.
    """
    if leads_to_cluster(connection):
        prefix, _, last = name.partition(".")
        text = sql.SQL("SET LOCAL {} = {}").format(sql.Identifier(prefix, last), sql.Literal(value))
    else:
        text = sql.SQL("SELECT pg_catalog.set_config({}, {}, true)").format(name, value)
    return text.as_string(connection)


# --- what each node needs ---------------------------------------------------------

# Triggers on distributed tables are made only where this says so; the setting of who acts reaches
# the nodes only where the other does.
_SETTINGS = ("citus.enable_unsafe_triggers = on", "citus.propagate_set_commands = 'local'")
_LACKING_SETTINGS = """
SELECT NOT coalesce(s.setconfig @> ARRAY['citus.propagate_set_commands=local'], false),
       current_database()
  FROM pg_database d LEFT JOIN pg_db_role_setting s ON s.setdatabase = d.oid AND s.setrole = 0
 WHERE d.datname = current_database()
"""
# The first node logs in on the others as whoever is active here.
_CLOSED_ROLES = """
SELECT r.rolname FROM public.tenancy_tenant t
  JOIN pg_roles r ON r.rolname = public.weedgo_role_of(t.id)
 WHERE NOT r.rolcanlogin OR NOT has_database_privilege(r.oid, current_database(), 'CONNECT')
"""
_DESCRIBED = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod),
       pg_get_expr(d.adbin, d.adrelid), a.attidentity <> ''
  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum
"""
# Citus brings functions to the nodes by itself, but none that speaks of the row of a local table.
_LOCAL_FUNCTIONS = """
SELECT pg_get_functiondef(p.oid), p.oid::regprocedure::text
  FROM pg_proc p
 WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
   AND NOT EXISTS (SELECT FROM pg_dist_object o
                    WHERE o.classid = 'pg_proc'::regclass AND o.objid = p.oid)
   AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
   AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_type t ON t.oid = d.refobjid
                     JOIN pg_class c ON c.oid = t.typrelid
                    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                      AND d.refclassid = 'pg_type'::regclass AND c.relname <> ALL (%s))
 ORDER BY p.oid
"""


def prepare(cursor: Any) -> None:
    """Bring to each node what triggers of tenants' tables need there; for the owner.

    It may run as often as one likes; tenants, roles or functions may have changed since. What it
    does on other nodes stays even if the transaction at hand is rolled back.

    Args:
        cursor: of the owner, on the first node.

    Raises:
        CitusError: a node refuses.
    """
    with cursor.connection.transaction():
        # Whoever knows less of the tenants than another must not be the later one.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('weedgo_citus'))")
        cursor.execute(_LACKING_SETTINGS)
        lacking, database = cursor.fetchone()
        if lacking:
            _set_up(cursor, str(database))
        cursor.execute(_CLOSED_ROLES)
        for (role,) in cursor.fetchall():
            _run(cursor, "ALTER ROLE {} LOGIN", role)
            _run(cursor, "GRANT CONNECT ON DATABASE {} TO {}", str(database), role)
        on_workers(cursor, _block(_kit(cursor)))


def _set_up(cursor: Any, database: str) -> None:
    for setting in _SETTINGS:
        _run(cursor, f"ALTER DATABASE {{}} SET {setting}", database)
        cursor.execute(f"SET {setting}")


def _kit(cursor: Any) -> Iterator[str]:
    """The statements that make of a node what triggers need; each may run again."""
    for table in _tables.values():
        if table.first:
            cursor.execute(table.first)
        yield from _table(cursor, table)
    cursor.execute(_LOCAL_FUNCTIONS, [list(_tables)])
    for definition, signature in cursor.fetchall():
        yield definition
        yield f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC"


def _table(cursor: Any, table: NodeTable) -> Iterator[str]:
    """The statements that make a table on a node, or bring it to what it is here."""
    name = sql.Identifier("public", table.name)
    cursor.execute(_DESCRIBED, [name.as_string(None)])
    columns = [row for row in cursor.fetchall() if row[0] in (table.columns or (row[0],))]
    if not columns:
        return
    yield _text("CREATE TABLE IF NOT EXISTS {} ()", name)
    yield _text("REVOKE ALL ON {} FROM PUBLIC", name)
    for column, type_, default, identity in columns:
        more = f" DEFAULT {default}" if default and not table.copied else ""
        if identity and not table.copied:
            more = " GENERATED BY DEFAULT AS IDENTITY"
        added = _text("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {}", name, sql.Identifier(column))
        yield f"{added} {type_}{more}"
    if table.copied:
        yield from _rows(cursor, name, [sql.Identifier(row[0]) for row in columns])


def _rows(cursor: Any, table: sql.Identifier, columns: list[sql.Identifier]) -> Iterator[str]:
    """The statements that give a node's table the rows that it has here."""
    names = sql.SQL(", ").join(columns)
    cursor.execute(
        _text("SELECT coalesce(json_agg(r), '[]')::text FROM (SELECT {} FROM {}) r", names, table)
    )
    rows = sql.Literal(cursor.fetchone()[0])
    yield _text("DELETE FROM {}", table)
    yield _text(
        "INSERT INTO {} ({}) SELECT {} FROM json_populate_recordset(NULL::{}, {})",
        table, names, names, table, rows,
    )  # fmt: skip


def _text(statement: LiteralString, *parts: sql.Composable) -> str:
    return sql.SQL(statement).format(*parts).as_string(None)


def _block(statements: Iterator[str]) -> str:
    """Statements as one: Citus sends one statement per message."""
    body = "\n".join(
        f"EXECUTE {sql.Literal(statement).as_string(None)};" for statement in statements
    )
    return (
        "DO $weedgo_node$ BEGIN\n"
        "PERFORM set_config('citus.enable_ddl_propagation', 'off', true),"
        " set_config('check_function_bodies', 'off', true),"
        " set_config('client_min_messages', 'warning', true);\n"
        f"{body}\nEND $weedgo_node$"
    )


def on_workers(cursor: Any, statement: str) -> list[tuple[str, str]]:
    """Run a statement on each node but the first, in transactions of their own.

    Args:
        cursor: of the owner, on the first node.
        statement: one; a query gives one value.

    Returns:
        Each node's name with port, and its answer.

    Raises:
        CitusError: a node refuses.
    """
    cursor.execute(
        "SELECT nodename || ':' || nodeport, success, result FROM run_command_on_workers(%s)",
        [statement],
    )
    answers = []
    for node, success, result in cursor.fetchall():
        if not success:
            raise CitusError(f"node {node}: {' '.join(str(result).split())}")
        answers.append((str(node), str(result)))
    return answers


def _run(cursor: Any, statement: LiteralString, *names: str) -> None:
    cursor.execute(_text(statement, *map(sql.Identifier, names)))
