"""The ledger of stock: every change is numbered and written down, whoever makes it.

Rows of `ocs_inventory` are changed by the services, but also by raw SQL, the shell and the admin.
A BEFORE trigger numbers each change of the counters; an AFTER trigger writes the movement. (One in
BEFORE would leave movements behind for rows that INSERT … ON CONFLICT did not insert.) What kind of
movement it is comes from the setting `weedgo.movement`, which the services set for one statement;
without it the movement is a `direct_write`. Months that are closed stay as they are: a movement
that happened in one (`at`) is written as of now, and its reason says of when it is.
"""

from __future__ import annotations

import re

import pgtrigger

from weedgo.tenancy.triggers import PinnedTrigger


class NumberChange(PinnedTrigger):
    """Gives each change of the counters the row's next number."""

    name = "number_change"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update
    func = """
        IF TG_OP = 'INSERT' THEN
            NEW.seq := CASE WHEN NEW.quantity_on_hand = 0 AND NEW.quantity_reserved = 0 THEN 0 ELSE 1 END;
        ELSIF NEW.quantity_on_hand <> OLD.quantity_on_hand OR NEW.quantity_reserved <> OLD.quantity_reserved THEN
            NEW.seq := OLD.seq + 1;
        ELSE
            NEW.seq := OLD.seq;
        END IF;
        RETURN NEW;
    """


# By union and not by a join, whose plan would be kept from a statement of few rows and take minutes
# for thousands.
UPDATED = """
            SELECT max(x.tenant_id) AS tenant_id, x.id, max(x.seq) AS seq, max(x.store_id) AS store_id,
                   max(x.sku) AS sku, max(x.batch_lot) AS batch_lot,
                   sum(x.on_hand)::integer AS on_hand, sum(x.reserved)::integer AS reserved,
                   max(x.quantity_on_hand) AS quantity_on_hand, max(x.quantity_reserved) AS quantity_reserved,
                   max(x.unit_cost_minor) AS unit_cost_minor
              FROM (SELECT n.tenant_id, n.id, n.seq, n.store_id, n.sku, n.batch_lot, n.quantity_on_hand,
                           n.quantity_reserved, n.unit_cost_minor, n.quantity_on_hand AS on_hand,
                           n.quantity_reserved AS reserved
                      FROM newt AS n
                    UNION ALL
                    SELECT NULL, o.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -o.quantity_on_hand,
                           -o.quantity_reserved
                      FROM oldt AS o) AS x
             GROUP BY x.id
            HAVING sum(x.on_hand) <> 0 OR sum(x.reserved) <> 0"""
INSERTED = """
            SELECT n.*, n.quantity_on_hand AS on_hand, n.quantity_reserved AS reserved
              FROM newt AS n WHERE n.seq > 0"""


class WriteMovement(PinnedTrigger):
    """Writes the movements of all rows that a statement changed.

    Args:
        name: of the trigger.
        operation: of the statement.
        referencing: the tables of its rows.
        changed: the query of the rows whose counters changed, and by how much.
    """

    level = pgtrigger.Statement
    when = pgtrigger.After
    declare = [
        ("label", "jsonb"), ("happened", "timestamptz"), ("late", "timestamptz"),
        ("closed", "timestamptz"), ("why", "text"), ("set_to", "text"),
    ]  # fmt: skip

    def __init__(
        self,
        name: str,
        operation: pgtrigger.Operation,
        referencing: pgtrigger.Referencing,
        changed: str,
    ) -> None:
        func = _WRITE_MOVEMENTS.replace("CHANGED", changed).replace("COLUMNS", _COLUMNS)
        func = re.sub(r"SHARD\((\w+)\)", _SHARD, func)
        super().__init__(name=name, operation=operation, referencing=referencing, func=func)


_COLUMNS = """tenant_id, inventory_id, seq, store_id, sku, batch_lot,
            movement_type, quantity_delta, reserved_delta, balance_after, reserved_after,
            unit_cost_minor, reference_type, reference_id, reason, actor_id, occurred_at"""
_SHARD = r"""(
                SELECT format('%I.%I', TG_TABLE_SCHEMA, '\1_' || s.shardid) FROM pg_catalog.pg_dist_shard AS s
                 WHERE s.logicalrelid = '\1'::regclass)"""
_WRITE_MOVEMENTS = """
        label := coalesce(nullif(current_setting('weedgo.movement', true), ''), '{}')::jsonb;
        why := coalesce(label ->> 'reason', '');
        -- Static statements, so that their plans are kept; the schema is the table's own, whatever
        -- the session's is. An assignment is evaluated at once; PERFORM would be a query.
        set_to := set_config('search_path', 'pg_catalog, ' || quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true);
        -- Who closes a month waits for this lock, so nothing is written into a closed one.
        PERFORM pg_advisory_xact_lock_shared(TG_RELID::integer, (n.store_id % 2147483647)::integer) FROM newt AS n;
        happened := clock_timestamp();
        late := (label ->> 'at')::timestamptz;
        IF late < happened THEN
            IF TG_TABLE_NAME = 'ocs_inventory' THEN
                SELECT max(c.ends_at) INTO closed FROM inventory_closed_months AS c
                 WHERE c.store_id IN (SELECT n.store_id FROM newt AS n);
            ELSE
                EXECUTE 'SELECT max(c.ends_at) FROM ' || SHARD(inventory_closed_months)
                    || ' AS c WHERE c.store_id IN (SELECT n.store_id FROM newt AS n)' INTO closed;
            END IF;
            IF late < closed THEN
                why := left('of ' || to_char(late AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"') || ': ' || why, 120);
            ELSE
                happened := late;
            END IF;
        END IF;
        IF TG_TABLE_NAME <> 'ocs_inventory' THEN
            -- On a node of a Citus cluster, where statements that read `newt` cannot name tables that
            -- are distributed, but the pieces of them that are there.
            EXECUTE 'INSERT INTO ' || SHARD(inventory_movements) || $statement$ (COLUMNS)
            SELECT c.tenant_id, c.id, c.seq, c.store_id, c.sku, c.batch_lot, coalesce($1 ->> 'type', 'direct_write'),
                c.on_hand, c.reserved, c.quantity_on_hand, c.quantity_reserved, c.unit_cost_minor,
                coalesce($1 ->> 'reference_type', ''), coalesce($1 ->> 'reference_id', ''),
                $2, ($1 ->> 'actor')::bigint, $3
              FROM (CHANGED) AS c $statement$ USING label, why, happened;
            RETURN NULL;
        END IF;
        INSERT INTO inventory_movements (COLUMNS)
        SELECT c.tenant_id, c.id, c.seq, c.store_id, c.sku, c.batch_lot, coalesce(label ->> 'type', 'direct_write'),
            c.on_hand, c.reserved, c.quantity_on_hand, c.quantity_reserved, c.unit_cost_minor,
            coalesce(label ->> 'reference_type', ''), coalesce(label ->> 'reference_id', ''),
            why, (label ->> 'actor')::bigint, happened
          FROM (CHANGED) AS c;
        RETURN NULL;
    """


def write_movements() -> list[WriteMovement]:
    """Return the triggers that keep the ledger of stock."""
    return [
        WriteMovement(
            "write_first_movement", pgtrigger.Insert, pgtrigger.Referencing(new="newt"), INSERTED
        ),
        WriteMovement(
            "write_movement",
            pgtrigger.Update,
            pgtrigger.Referencing(old="oldt", new="newt"),
            UPDATED,
        ),
    ]


class KeepIdentity(PinnedTrigger):
    """A row with movements is not deleted, and does not become another lot's."""

    name = "keep_identity"
    when = pgtrigger.Before
    operation = pgtrigger.Delete | pgtrigger.UpdateOf("id", "location_id", "sku", "batch_lot")
    func = """
        IF TG_OP = 'DELETE' THEN
            IF OLD.seq = 0 THEN
                RETURN OLD;
            END IF;
        ELSIF OLD.seq = 0 OR (NEW.id, NEW.location_id, NEW.sku, NEW.batch_lot)
              = (OLD.id, OLD.location_id, OLD.sku, OLD.batch_lot) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'stock % of %.% has movements: it is neither deleted nor moved elsewhere',
                OLD.id, TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', HINT = 'Adjust it to zero, or transfer it.';
    """


class OnlyByStock(PinnedTrigger):
    """Movements come from the trigger of the stock's row and from nowhere else."""

    name = "only_by_stock"
    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    # This trigger itself is one level; the stock's is the one above.
    func = """
        IF pg_trigger_depth() < 2 THEN
            RAISE EXCEPTION 'movements are written by a change of the stock itself'
                USING ERRCODE = 'restrict_violation', HINT = 'Change quantity_on_hand or quantity_reserved.';
        END IF;
        RETURN NULL;
    """


class CloseOnce(PinnedTrigger):
    """A reservation is closed once, and what it asked for stays."""

    name = "close_once"
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete
    func = """
        IF TG_OP = 'DELETE' THEN
            IF OLD.status <> 'active' THEN
                RETURN OLD;
            END IF;
        ELSIF NEW.digest = OLD.digest AND (OLD.status = 'active'
              OR (NEW.status, NEW.closed_at) = (OLD.status, OLD.closed_at)) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'reservation % is %: it is closed once, and never changed', OLD.reservation_key, OLD.status
            USING ERRCODE = 'restrict_violation';
    """


class KeepChain(PinnedTrigger):
    """A month opens with what the one before it closed with, and none is left out."""

    name = "keep_chain"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("before", "record")]
    func = """
        EXECUTE format('SELECT month, closing_units FROM %I.inventory_periods'
                       ' WHERE store_id = $1 AND sku = $2 AND upc = $3 ORDER BY month DESC LIMIT 1', TG_TABLE_SCHEMA)
            INTO before USING NEW.store_id, NEW.sku, NEW.upc;
        IF before.month >= NEW.month THEN
            RAISE EXCEPTION '% of % is closed already', NEW.sku, to_char(before.month, 'YYYY-MM')
                USING ERRCODE = 'integrity_constraint_violation';
        ELSIF NEW.previous_month IS NULL AND (NEW.opening_units <> 0 OR before.closing_units <> 0) THEN
            RAISE EXCEPTION '% opens % with % units, but closed % with %', NEW.sku, to_char(NEW.month, 'YYYY-MM'),
                    NEW.opening_units, coalesce(to_char(before.month, 'YYYY-MM'), 'never'), coalesce(before.closing_units, 0)
                USING ERRCODE = 'integrity_constraint_violation', HINT = 'Close the months in their order.';
        END IF;
        RETURN NEW;
    """
