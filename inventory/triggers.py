"""The ledger of stock: every change is numbered and written down, whoever makes it.

Rows of `ocs_inventory` are changed by the services, but also by raw SQL, the shell and the admin.
A BEFORE trigger numbers each change of the counters; an AFTER trigger writes the movement. (One in
BEFORE would leave movements behind for rows that INSERT … ON CONFLICT did not insert.) What kind of
movement it is comes from the setting `weedgo.movement`, which the services set for one statement;
without it the movement is a `direct_write`.
"""

from __future__ import annotations

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


class WriteMovement(PinnedTrigger):
    """Writes a movement for each numbered change."""

    name = "write_movement"
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update
    declare = [("label", "jsonb"), ("on_hand", "integer := 0"), ("reserved", "integer := 0")]
    func = """
        IF TG_OP = 'UPDATE' THEN
            IF NEW.seq = OLD.seq THEN
                RETURN NULL;
            END IF;
            on_hand := OLD.quantity_on_hand;
            reserved := OLD.quantity_reserved;
        ELSIF NEW.seq = 0 THEN
            RETURN NULL;
        END IF;
        label := coalesce(nullif(current_setting('weedgo.movement', true), ''), '{}')::jsonb;
        EXECUTE format(
            'INSERT INTO %I.inventory_movements (tenant_id, inventory_id, seq, store_id, sku, batch_lot,'
            ' movement_type, quantity_delta, reserved_delta, balance_after, reserved_after,'
            ' reference_type, reference_id, reason, actor_id)'
            ' VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)', TG_TABLE_SCHEMA)
            USING NEW.tenant_id, NEW.id, NEW.seq, NEW.store_id, NEW.sku, NEW.batch_lot,
                  coalesce(label ->> 'type', 'direct_write'),
                  NEW.quantity_on_hand - on_hand, NEW.quantity_reserved - reserved,
                  NEW.quantity_on_hand, NEW.quantity_reserved,
                  coalesce(label ->> 'reference_type', ''), coalesce(label ->> 'reference_id', ''),
                  coalesce(label ->> 'reason', ''), (label ->> 'actor')::bigint;
        RETURN NULL;
    """


class KeepIdentity(PinnedTrigger):
    """A row with movements is not deleted, and does not become another lot's."""

    name = "keep_identity"
    when = pgtrigger.Before
    operation = pgtrigger.Delete | pgtrigger.UpdateOf("id", "location_id", "sku")
    func = """
        IF TG_OP = 'DELETE' THEN
            IF OLD.seq = 0 THEN
                RETURN OLD;
            END IF;
        ELSIF OLD.seq = 0 OR (NEW.id, NEW.location_id, NEW.sku) = (OLD.id, OLD.location_id, OLD.sku) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'stock % of %.% has movements: it is neither deleted nor moved elsewhere',
                OLD.id, TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', HINT = 'Adjust it to zero, or transfer it.';
    """


class OnlyByStock(PinnedTrigger):
    """Movements come from the trigger of the stock's row and from nowhere else."""

    name = "only_by_stock"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    # This trigger itself is one level; the stock's is the one above.
    func = """
        IF pg_trigger_depth() < 2 THEN
            RAISE EXCEPTION 'movements are written by a change of the stock itself'
                USING ERRCODE = 'restrict_violation', HINT = 'Change quantity_on_hand or quantity_reserved.';
        END IF;
        RETURN NEW;
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
