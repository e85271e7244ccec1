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
ALTER TABLE inventory_periods DROP CONSTRAINT inventory_periods_opening_fkey;
"""
UNDO_FUNCTIONS = """
DROP FUNCTION inventory_reserve(uuid, bigint, text, jsonb, interval, name);
DROP FUNCTION inventory_close(uuid, text, text, bigint, name);
DROP FUNCTION inventory_move(bigint, integer, integer, text, text, text, text, bigint, name);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("inventory", "0001_initial"), ("store", "0002_views")]

    operations: ClassVar = [
        SchemaSQL.from_file(SQL / "0002_drift_and_keys.sql", UNDO_KEYS),
        SchemaSQL.from_file(SQL / "0002_functions.sql", UNDO_FUNCTIONS),
    ]
