"""How large the tables of a target are."""

from __future__ import annotations

import psycopg

from weedgo.staged.db import Connection

UNITS = ("B", "kB", "MB", "GB", "TB")


def shown(bytes: float) -> str:
    """An amount of storage in PostgreSQL's units, each 1,024 of the one before: ``1.5 MB``."""
    value, unit = float(bytes), 0
    while abs(value) >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.0f} {UNITS[unit]}" if unit == 0 else f"{value:.1f} {UNITS[unit]}"


def of_tables(conn: Connection) -> dict[str, int]:
    """Bytes of each table, by path; as of its last ANALYZE where one is locked."""
    try:
        with conn.transaction():
            conn.execute("SET LOCAL lock_timeout = '1s'")
            rows = conn.execute(
                _SIZES.format("pg_catalog.pg_table_size(c.oid)").encode()
            ).fetchall()
    except psycopg.errors.LockNotAvailable:
        pages = "c.relpages * pg_catalog.current_setting('block_size')::bigint"
        rows = conn.execute(_SIZES.format(pages).encode()).fetchall()
    return {str(name): int(size) for name, size in rows}


# Measuring takes a lock on each table, for which a report does not wait; pages as last counted do.
_SIZES = """
SELECT n.nspname || '.' || c.relname, {}
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
