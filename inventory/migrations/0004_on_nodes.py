"""The ledger of stock where a tenant is on a node of a Citus cluster."""

from pathlib import Path

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

import weedgo.tenancy.triggers
from weedgo.tenancy.operations import SchemaSQL

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0003_audit"),
    ]

    operations = [
        SchemaSQL.from_file(SQL / "0004_on_nodes.sql", migrations.RunSQL.noop),
        pgtrigger.migrations.RemoveTrigger(
            model_name="stock",
            name="write_first_movement",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="stock",
            name="write_movement",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stock",
            trigger=pgtrigger.compiler.Trigger(
                name="write_first_movement",
                sql=weedgo.tenancy.triggers.PinnedTriggerSql(
                    declare="DECLARE label jsonb; happened timestamptz; late timestamptz; closed timestamptz; why text; set_to text;",
                    func="\n        label := coalesce(nullif(current_setting('weedgo.movement', true), ''), '{}')::jsonb;\n        why := coalesce(label ->> 'reason', '');\n        -- Static statements, so that their plans are kept; the schema is the table's own, whatever\n        -- the session's is. An assignment is evaluated at once; PERFORM would be a query.\n        set_to := set_config('search_path', 'pg_catalog, ' || quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true);\n        -- Who closes a month waits for this lock, so nothing is written into a closed one.\n        PERFORM pg_advisory_xact_lock_shared(TG_RELID::integer, (n.store_id % 2147483647)::integer) FROM newt AS n;\n        happened := clock_timestamp();\n        late := (label ->> 'at')::timestamptz;\n        IF late < happened THEN\n            IF TG_TABLE_NAME = 'ocs_inventory' THEN\n                SELECT max(c.ends_at) INTO closed FROM inventory_closed_months AS c\n                 WHERE c.store_id IN (SELECT n.store_id FROM newt AS n);\n            ELSE\n                EXECUTE 'SELECT max(c.ends_at) FROM ' || (\n                SELECT format('%I.%I', TG_TABLE_SCHEMA, 'inventory_closed_months_' || s.shardid) FROM pg_catalog.pg_dist_shard AS s\n                 WHERE s.logicalrelid = 'inventory_closed_months'::regclass)\n                    || ' AS c WHERE c.store_id IN (SELECT n.store_id FROM newt AS n)' INTO closed;\n            END IF;\n            IF late < closed THEN\n                why := left('of ' || to_char(late AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI \"UTC\"') || ': ' || why, 120);\n            ELSE\n                happened := late;\n            END IF;\n        END IF;\n        IF TG_TABLE_NAME <> 'ocs_inventory' THEN\n            -- On a node of a Citus cluster, where statements that read `newt` cannot name tables that\n            -- are distributed, but the pieces of them that are there.\n            EXECUTE 'INSERT INTO ' || (\n                SELECT format('%I.%I', TG_TABLE_SCHEMA, 'inventory_movements_' || s.shardid) FROM pg_catalog.pg_dist_shard AS s\n                 WHERE s.logicalrelid = 'inventory_movements'::regclass) || $statement$ (tenant_id, inventory_id, seq, store_id, sku, batch_lot,\n            movement_type, quantity_delta, reserved_delta, balance_after, reserved_after,\n            unit_cost_minor, reference_type, reference_id, reason, actor_id, occurred_at)\n            SELECT c.tenant_id, c.id, c.seq, c.store_id, c.sku, c.batch_lot, coalesce($1 ->> 'type', 'direct_write'),\n                c.on_hand, c.reserved, c.quantity_on_hand, c.quantity_reserved, c.unit_cost_minor,\n                coalesce($1 ->> 'reference_type', ''), coalesce($1 ->> 'reference_id', ''),\n                $2, ($1 ->> 'actor')::bigint, $3\n              FROM (\n            SELECT n.*, n.quantity_on_hand AS on_hand, n.quantity_reserved AS reserved\n              FROM newt AS n WHERE n.seq > 0) AS c $statement$ USING label, why, happened;\n            RETURN NULL;\n        END IF;\n        INSERT INTO inventory_movements (tenant_id, inventory_id, seq, store_id, sku, batch_lot,\n            movement_type, quantity_delta, reserved_delta, balance_after, reserved_after,\n            unit_cost_minor, reference_type, reference_id, reason, actor_id, occurred_at)\n        SELECT c.tenant_id, c.id, c.seq, c.store_id, c.sku, c.batch_lot, coalesce(label ->> 'type', 'direct_write'),\n            c.on_hand, c.reserved, c.quantity_on_hand, c.quantity_reserved, c.unit_cost_minor,\n            coalesce(label ->> 'reference_type', ''), coalesce(label ->> 'reference_id', ''),\n            why, (label ->> 'actor')::bigint, happened\n          FROM (\n            SELECT n.*, n.quantity_on_hand AS on_hand, n.quantity_reserved AS reserved\n              FROM newt AS n WHERE n.seq > 0) AS c;\n        RETURN NULL;\n    ",
                    hash="dbc01bff055ee8c5069822f6ffefe525f5ea8857",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_write_first_movement_1c297",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="ocs_inventory",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stock",
            trigger=pgtrigger.compiler.Trigger(
                name="write_movement",
                sql=weedgo.tenancy.triggers.PinnedTriggerSql(
                    declare="DECLARE label jsonb; happened timestamptz; late timestamptz; closed timestamptz; why text; set_to text;",
                    func="\n        label := coalesce(nullif(current_setting('weedgo.movement', true), ''), '{}')::jsonb;\n        why := coalesce(label ->> 'reason', '');\n        -- Static statements, so that their plans are kept; the schema is the table's own, whatever\n        -- the session's is. An assignment is evaluated at once; PERFORM would be a query.\n        set_to := set_config('search_path', 'pg_catalog, ' || quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true);\n        -- Who closes a month waits for this lock, so nothing is written into a closed one.\n        PERFORM pg_advisory_xact_lock_shared(TG_RELID::integer, (n.store_id % 2147483647)::integer) FROM newt AS n;\n        happened := clock_timestamp();\n        late := (label ->> 'at')::timestamptz;\n        IF late < happened THEN\n            IF TG_TABLE_NAME = 'ocs_inventory' THEN\n                SELECT max(c.ends_at) INTO closed FROM inventory_closed_months AS c\n                 WHERE c.store_id IN (SELECT n.store_id FROM newt AS n);\n            ELSE\n                EXECUTE 'SELECT max(c.ends_at) FROM ' || (\n                SELECT format('%I.%I', TG_TABLE_SCHEMA, 'inventory_closed_months_' || s.shardid) FROM pg_catalog.pg_dist_shard AS s\n                 WHERE s.logicalrelid = 'inventory_closed_months'::regclass)\n                    || ' AS c WHERE c.store_id IN (SELECT n.store_id FROM newt AS n)' INTO closed;\n            END IF;\n            IF late < closed THEN\n                why := left('of ' || to_char(late AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI \"UTC\"') || ': ' || why, 120);\n            ELSE\n                happened := late;\n            END IF;\n        END IF;\n        IF TG_TABLE_NAME <> 'ocs_inventory' THEN\n            -- On a node of a Citus cluster, where statements that read `newt` cannot name tables that\n            -- are distributed, but the pieces of them that are there.\n            EXECUTE 'INSERT INTO ' || (\n                SELECT format('%I.%I', TG_TABLE_SCHEMA, 'inventory_movements_' || s.shardid) FROM pg_catalog.pg_dist_shard AS s\n                 WHERE s.logicalrelid = 'inventory_movements'::regclass) || $statement$ (tenant_id, inventory_id, seq, store_id, sku, batch_lot,\n            movement_type, quantity_delta, reserved_delta, balance_after, reserved_after,\n            unit_cost_minor, reference_type, reference_id, reason, actor_id, occurred_at)\n            SELECT c.tenant_id, c.id, c.seq, c.store_id, c.sku, c.batch_lot, coalesce($1 ->> 'type', 'direct_write'),\n                c.on_hand, c.reserved, c.quantity_on_hand, c.quantity_reserved, c.unit_cost_minor,\n                coalesce($1 ->> 'reference_type', ''), coalesce($1 ->> 'reference_id', ''),\n                $2, ($1 ->> 'actor')::bigint, $3\n              FROM (\n            SELECT max(x.tenant_id) AS tenant_id, x.id, max(x.seq) AS seq, max(x.store_id) AS store_id,\n                   max(x.sku) AS sku, max(x.batch_lot) AS batch_lot,\n                   sum(x.on_hand)::integer AS on_hand, sum(x.reserved)::integer AS reserved,\n                   max(x.quantity_on_hand) AS quantity_on_hand, max(x.quantity_reserved) AS quantity_reserved,\n                   max(x.unit_cost_minor) AS unit_cost_minor\n              FROM (SELECT n.tenant_id, n.id, n.seq, n.store_id, n.sku, n.batch_lot, n.quantity_on_hand,\n                           n.quantity_reserved, n.unit_cost_minor, n.quantity_on_hand AS on_hand,\n                           n.quantity_reserved AS reserved\n                      FROM newt AS n\n                    UNION ALL\n                    SELECT NULL, o.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -o.quantity_on_hand,\n                           -o.quantity_reserved\n                      FROM oldt AS o) AS x\n             GROUP BY x.id\n            HAVING sum(x.on_hand) <> 0 OR sum(x.reserved) <> 0) AS c $statement$ USING label, why, happened;\n            RETURN NULL;\n        END IF;\n        INSERT INTO inventory_movements (tenant_id, inventory_id, seq, store_id, sku, batch_lot,\n            movement_type, quantity_delta, reserved_delta, balance_after, reserved_after,\n            unit_cost_minor, reference_type, reference_id, reason, actor_id, occurred_at)\n        SELECT c.tenant_id, c.id, c.seq, c.store_id, c.sku, c.batch_lot, coalesce(label ->> 'type', 'direct_write'),\n            c.on_hand, c.reserved, c.quantity_on_hand, c.quantity_reserved, c.unit_cost_minor,\n            coalesce(label ->> 'reference_type', ''), coalesce(label ->> 'reference_id', ''),\n            why, (label ->> 'actor')::bigint, happened\n          FROM (\n            SELECT max(x.tenant_id) AS tenant_id, x.id, max(x.seq) AS seq, max(x.store_id) AS store_id,\n                   max(x.sku) AS sku, max(x.batch_lot) AS batch_lot,\n                   sum(x.on_hand)::integer AS on_hand, sum(x.reserved)::integer AS reserved,\n                   max(x.quantity_on_hand) AS quantity_on_hand, max(x.quantity_reserved) AS quantity_reserved,\n                   max(x.unit_cost_minor) AS unit_cost_minor\n              FROM (SELECT n.tenant_id, n.id, n.seq, n.store_id, n.sku, n.batch_lot, n.quantity_on_hand,\n                           n.quantity_reserved, n.unit_cost_minor, n.quantity_on_hand AS on_hand,\n                           n.quantity_reserved AS reserved\n                      FROM newt AS n\n                    UNION ALL\n                    SELECT NULL, o.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -o.quantity_on_hand,\n                           -o.quantity_reserved\n                      FROM oldt AS o) AS x\n             GROUP BY x.id\n            HAVING sum(x.on_hand) <> 0 OR sum(x.reserved) <> 0) AS c;\n        RETURN NULL;\n    ",
                    hash="5225fe5e5d7720516753896e260aec379a77d1f1",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_write_movement_013ea",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="ocs_inventory",
                    when="AFTER",
                ),
            ),
        ),
    ]
