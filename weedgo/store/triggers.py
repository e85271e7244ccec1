"""The store's triggers: what must hold whoever writes, and by whatever way."""

from __future__ import annotations

import pgtrigger

from weedgo.tenancy.triggers import PinnedTrigger


class AppendOnly(PinnedTrigger):
    """Rows are written once: a change or a deletion is refused."""

    name = "append_only"
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete
    func = """
        RAISE EXCEPTION 'rows of %.% are never changed or deleted', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', HINT = 'Write a row that reverses it.';
    """


class NoTruncate(PinnedTrigger):
    """The table is never emptied."""

    name = "no_truncate"
    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Truncate
    func = """
        RAISE EXCEPTION '%.% is never emptied', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    """


class Transitions(PinnedTrigger):
    """Only the named ways lead from one status to the next.

    Args:
        allowed: for each status, those that may follow; one that is not named is final.
    """

    name = "transitions"
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status")

    def __init__(self, allowed: dict[str, list[str]]) -> None:
        ways = ", ".join(f"'{old}>{new}'" for old, follow in allowed.items() for new in follow)
        super().__init__(
            condition=pgtrigger.Condition("OLD.status IS DISTINCT FROM NEW.status"),
            func=f"""
                IF OLD.status || '>' || NEW.status NOT IN ({ways}) THEN
                    RAISE EXCEPTION '%.%: status % is not followed by %',
                            TG_TABLE_SCHEMA, TG_TABLE_NAME, OLD.status, NEW.status
                        USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
            """,
        )


class RecordPrice(PinnedTrigger):
    """Every change of a product's price is in price_history."""

    name = "record_price"
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("retail_price_minor")
    func = """
        IF TG_OP = 'UPDATE' AND NEW.retail_price_minor = OLD.retail_price_minor THEN
            RETURN NULL;
        END IF;
        EXECUTE format(
            'INSERT INTO %I.price_history (tenant_id, product_id, sku, old_price_minor,'
            ' new_price_minor, cost_at_change_minor, changed_by)'
            ' VALUES ($1, $2, $3, $4, $5, $6, nullif(current_setting(''weedgo.actor'', true), '''')::bigint)',
            TG_TABLE_SCHEMA)
            USING NEW.tenant_id, NEW.id, NEW.sku,
                  CASE TG_OP WHEN 'UPDATE' THEN OLD.retail_price_minor END,
                  NEW.retail_price_minor, NEW.unit_cost_minor;
        RETURN NULL;
    """


class RecordStatus(PinnedTrigger):
    """Every status that an order had is in order_status_history."""

    name = "record_status"
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("status")
    func = """
        IF TG_OP = 'UPDATE' AND NEW.status = OLD.status THEN
            RETURN NULL;
        END IF;
        EXECUTE format(
            'INSERT INTO %I.order_status_history (tenant_id, order_id, from_status, to_status,'
            ' changed_by, reason_code)'
            ' VALUES ($1, $2, $3, $4, nullif(current_setting(''weedgo.actor'', true), '''')::bigint, $5)',
            TG_TABLE_SCHEMA)
            USING NEW.tenant_id, NEW.id, CASE TG_OP WHEN 'UPDATE' THEN OLD.status END, NEW.status,
                  left(NEW.cancelled_reason, 40);
        RETURN NULL;
    """
