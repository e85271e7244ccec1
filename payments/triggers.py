"""What keeps money true whoever writes: balance, order of states, words that never change."""

from __future__ import annotations

import pgtrigger

from weedgo.tenancy.triggers import PinnedTrigger


class KeepRequest(PinnedTrigger):
    """What was asked of a provider never changes, nor does an operation disappear."""

    name = "keep_request"
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete
    func = """
        IF TG_OP = 'UPDATE' AND ROW(NEW.id, NEW.transaction_id, NEW.order_id, NEW.kind, NEW.provider_id, NEW.provider_key,
                NEW.request_key, NEW.amount_minor, NEW.currency, NEW.parent_id)
            IS NOT DISTINCT FROM ROW(OLD.id, OLD.transaction_id, OLD.order_id, OLD.kind, OLD.provider_id, OLD.provider_key,
                OLD.request_key, OLD.amount_minor, OLD.currency, OLD.parent_id)
           AND (OLD.provider_reference = '' OR NEW.provider_reference = OLD.provider_reference) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'payment operation %: what was asked of the provider is never changed or deleted', OLD.id
            USING ERRCODE = 'restrict_violation', HINT = 'Make another operation.';
    """


class Balanced(PinnedTrigger):
    """At the end of the transaction an entry has lines, and they sum to zero in each currency."""

    name = "balanced"
    when = pgtrigger.After
    operation = pgtrigger.Insert
    timing = pgtrigger.Deferred
    declare = [("entry", "bigint"), ("unbalanced", "text"), ("lines", "bigint")]

    def __init__(self, entry: str) -> None:
        super().__init__(
            func=f"""
                entry := NEW.{entry};
                EXECUTE format('SELECT sum(n), string_agg(currency || '' '' || amount, '', '')'
                    ' FILTER (WHERE amount <> 0) FROM (SELECT currency, count(*) AS n,'
                    ' sum(amount_minor) AS amount FROM %I.ledger_line WHERE entry_id = $1'
                    ' GROUP BY currency) AS by_currency', TG_TABLE_SCHEMA)
                    INTO lines, unbalanced USING entry;
                IF coalesce(lines, 0) < 2 THEN
                    RAISE EXCEPTION 'ledger entry % has % lines; it takes two', entry, coalesce(lines, 0)
                        USING ERRCODE = 'check_violation';
                ELSIF unbalanced IS NOT NULL THEN
                    RAISE EXCEPTION 'ledger entry % does not balance: %', entry, unbalanced
                        USING ERRCODE = 'check_violation';
                END IF;
                RETURN NULL;
            """,  # noqa: S608 - the column is ours
        )
