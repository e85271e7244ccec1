"""The view of drift, the keys of several columns, and room for updates in place."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

from weedgo.tenancy.operations import SchemaSQL

SQL = Path(__file__).parent.parent / "sql"
UNDO_KEYS = """
DROP VIEW inventory_drift;
ALTER TABLE ocs_inventory
    DROP CONSTRAINT ocs_inventory_location_store_fkey,
    DROP CONSTRAINT ocs_inventory_product_sku_fkey;
ALTER TABLE ocs_inventory RESET (fillfactor);
ALTER TABLE inventory_periods
    DROP CONSTRAINT inventory_periods_opening_fkey,
    DROP CONSTRAINT inventory_periods_month_fkey,
    DROP CONSTRAINT inventory_periods_previous_check;
ALTER TABLE inventory_closed_months
    DROP CONSTRAINT inventory_closed_months_previous_fkey,
    DROP CONSTRAINT inventory_closed_months_previous_check;
"""
UNDO_FUNCTIONS = """
DROP FUNCTION inventory_reserve(uuid, bigint, text, text[], integer[], interval, name);
DROP FUNCTION inventory_expire_for(bigint, text[], name);
DROP FUNCTION inventory_close(uuid, text, text, jsonb, name);
DROP FUNCTION inventory_move(bigint, integer, jsonb, name);
"""
UNDO_MONTHS = """
DROP FUNCTION inventory_close_month(bigint, date, bigint, name);
DROP FUNCTION inventory_month(bigint, date, name);
DROP FUNCTION inventory_month_bounds(bigint, date, name);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("inventory", "0001_initial"), ("store", "0002_views")]

    operations: ClassVar = [
        SchemaSQL.from_file(SQL / "0002_drift_and_keys.sql", UNDO_KEYS),
        SchemaSQL.from_file(SQL / "0002_functions.sql", UNDO_FUNCTIONS),
        SchemaSQL.from_file(SQL / "0002_months.sql", UNDO_MONTHS),
    ]
