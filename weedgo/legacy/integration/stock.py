"""The inventory's columns take what is written; what is wrong is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import sql

from weedgo.legacy.integration.checks import (
    Check,
    Connection,
    each,
    expect,
    finding,
    refused,
    value,
)
from weedgo.staged.model import Finding

INVENTORY_COLUMNS = (
    "quantity_available",
    "quantity_reserved",
    "quantity_on_hand",
    "batch_lot",
    "each_gtin",
    "case_gtin",
)


def inventory(conn: Connection) -> Iterator[Finding]:
    """Each of the six columns takes what is written, and what is wrong is refused.

    Args:
        conn: with the schema of `ocs_inventory` in its search_path.
    """
    for column in INVENTORY_COLUMNS:

        def run(c: Connection, column: str = column) -> None:
            _inventory_column(c, column)

        yield finding(conn, "inventory", f"ocs_inventory.{column}", run)
    rules: dict[str, Check] = {
        "ocs_inventory refuses to reserve more than is there": _refuses_overselling,
        "ocs_inventory refuses a wrong check digit": _refuses_gtin,
    }
    yield from each(conn, "inventory", rules)


def _inventory_column(conn: Connection, column: str) -> None:
    """What is written to one lot is read back, and available follows from the other two."""
    written = {
        "quantity_on_hand": 12,
        "quantity_reserved": 5,
        "quantity_available": 7,
        "batch_lot": "INTEGRATION-CHECK",
        "each_gtin": "00012345678905",
        "case_gtin": "10012345678902",
    }
    # A row that has moved keeps its lot, so another is made for the one that is written here.
    lot = _lot_like(conn, _lot(conn), str(written["batch_lot"]))
    conn.execute(
        "UPDATE ocs_inventory SET quantity_on_hand = %(quantity_on_hand)s,"
        " quantity_reserved = %(quantity_reserved)s,"
        " each_gtin = %(each_gtin)s, case_gtin = %(case_gtin)s WHERE id = %(lot)s",
        {**written, "lot": lot},
    )
    query = sql.SQL("SELECT {0} FROM ocs_inventory WHERE id = %s AND {0} = %s")
    found = conn.execute(query.format(sql.Identifier(column)), [lot, written[column]]).fetchone()
    expect(found, f"{written[column]!r} is not what is read back")


def _refuses_overselling(conn: Connection) -> None:
    refused(
        conn,
        "reserving more than is on hand",
        "UPDATE ocs_inventory SET quantity_on_hand = 1, quantity_reserved = 2 WHERE id = %s",
        _lot(conn),
    )


def _refuses_gtin(conn: Connection) -> None:
    refused(
        conn,
        "a GTIN with a wrong check digit",
        "UPDATE ocs_inventory SET each_gtin = '00012345678904' WHERE id = %s",
        _lot(conn),
    )


def _lot(conn: Connection) -> Any:
    lot = value(conn, "SELECT id FROM ocs_inventory ORDER BY id LIMIT 1")
    expect(lot is not None, "ocs_inventory has no row to try it on")
    return lot


def _lot_like(conn: Connection, lot: Any, batch_lot: str) -> Any:
    """Make a row of another lot, alike but for what the database counts itself."""
    columns = conn.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'ocs_inventory'::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' AND attidentity = ''"
        " AND attname NOT IN ('id', 'seq', 'batch_lot')"
    ).fetchall()
    names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns)
    query = sql.SQL(
        "INSERT INTO ocs_inventory ({0}, batch_lot) SELECT {0}, %s FROM ocs_inventory"
        " WHERE id = %s RETURNING id"
    ).format(names)
    row = conn.execute(query, [batch_lot, lot]).fetchone()
    return row[0] if row else None
