"""Integration checks of the migrated database: what the migration brought works together.

Audit logging takes events, rate-limit rules and buckets work, tenancy holds on every tenant-owned
table, the inventory columns work, and the planner uses the indexes for the queries that they were
made for. Everything is written in one transaction, which is rolled back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from weedgo.staged.model import Catalog, Finding, ObjectId

Connection = psycopg.Connection[Any]

QUERIES = Path(__file__).with_name("queries.sql")
# What the seed asks for at least.
INDEXES_USED = 65
INVENTORY_COLUMNS = (
    "quantity_available",
    "quantity_reserved",
    "quantity_on_hand",
    "batch_lot",
    "each_gtin",
    "case_gtin",
)


class _UnmetError(Exception):
    """A check does not hold; the message says why."""


def check(
    conn: Connection, source: Catalog, new_indexes: Collection[ObjectId], queries: str
) -> tuple[Finding, ...]:
    """Run all checks on a migrated database; nothing that they write stays.

    Args:
        conn: to the database, in autocommit.
        source: the schema that was wanted; it says which tables are the tenants'.
        new_indexes: the indexes that the migration brought.
        queries: statements of SQL, each after a line ``-- name: …``.
    """
    with conn.transaction(force_rollback=True):
        conn.execute("SELECT set_config('search_path', 'public', true)")
        return (
            *shared(conn),
            *_tenancy(conn, source),
            *inventory(conn),
            *_planner(conn, new_indexes, queries),
        )


Check = Callable[[Connection], None]


def shared(conn: Connection) -> Iterator[Finding]:
    """Audit logging takes events; rate-limit rules and buckets work.

    Args:
        conn: in a transaction, with their tables' schema in its search_path.
    """
    yield from _each(conn, "audit", _AUDIT)
    yield from _each(conn, "rate limits", _RATE_LIMITS)


def _each(conn: Connection, group: str, checks: dict[str, Check]) -> Iterator[Finding]:
    for subject, run in checks.items():
        yield finding(conn, group, subject, run)


def finding(conn: Connection, group: str, subject: str, run: Check) -> Finding:
    """One check in a savepoint of its own: a statement that fails must not fail the next check."""
    try:
        with conn.transaction(force_rollback=True):
            run(conn)
    except _UnmetError as error:
        return Finding(group, subject, holds=False, detail=str(error))
    except psycopg.Error as error:
        message = error.diag.message_primary or str(error).strip()
        detail = f"{' '.join(message.split())} (SQLSTATE {error.sqlstate})"
        return Finding(group, subject, holds=False, detail=detail)
    return Finding(group, subject, holds=True)


def expect(met: object, why: str) -> None:
    """Say within a check why it does not hold, unless something is met."""
    if not met:
        raise _UnmetError(why)


def _one(conn: Connection, query: LiteralString, *arguments: Any) -> Any:
    row = conn.execute(query, arguments or None).fetchone()
    return row[0] if row else None


def _refused(conn: Connection, what: str, query: LiteralString, *arguments: Any) -> None:
    """Expect the database to refuse a statement."""
    try:
        with conn.transaction():
            conn.execute(query, arguments or None)
    except (
        psycopg.IntegrityError,
        psycopg.errors.RaiseException,
        psycopg.errors.InsufficientPrivilege,
    ):
        return
    raise _UnmetError(f"{what} is not refused")


# --- audit ------------------------------------------------------------------------------------


def _takes_event(conn: Connection) -> None:
    event = _one(conn, _EVENT)
    found = conn.execute(
        "SELECT occurred_at IS NOT NULL, changes ->> 'status' FROM agi_audit_logs"
        " WHERE target_table = 'orders' AND target_pk = '1' AND id = %s",
        [event],
    ).fetchone()
    expect(found == (True, "paid"), f"the event is read back as {found}")


def _takes_many_events(conn: Connection) -> None:
    before = _one(conn, "SELECT count(*) FROM agi_audit_logs")
    conn.execute(
        "INSERT INTO agi_audit_logs (tenant, event_type, actor_id, severity)"
        " SELECT 'tenant' || n %% 3, 'bulk.checked', n::text, 'info'"
        " FROM generate_series(1, %s) n",
        [1000],
    )
    added = _one(conn, "SELECT count(*) FROM agi_audit_logs") - before
    expect(added == 1000, f"of 1000 events, {added} stand")


def _keeps_events(conn: Connection) -> None:
    event = _one(conn, _EVENT)
    _refused(
        conn, "changing an event", "UPDATE agi_audit_logs SET actor_id = 'x' WHERE id = %s", event
    )
    _refused(conn, "deleting an event", "DELETE FROM agi_audit_logs WHERE id = %s", event)


_WRITES = "to_regprocedure('public.agi_audit_record(jsonb, name)') IS NOT NULL"


def _refuses_severity(conn: Connection) -> None:
    """By the function through which all that may write does so, where the log has one."""
    query: LiteralString = (
        "INSERT INTO agi_audit_logs (event_type, severity) VALUES ('checked', 'dreadful')"
    )
    if _one(conn, f"SELECT {_WRITES}"):
        query = (
            "SELECT public.agi_audit_record("
            """'[{"event_type": "checked", "severity": "dreadful"}]'::jsonb)"""
        )
    _refused(conn, "a severity that there is not", query)


def _aggregates(conn: Connection) -> None:
    for _ in range(2):
        conn.execute(
            "INSERT INTO agi_audit_aggregates AS a (bucket_start, event_type, count, max_ms)"
            " VALUES ('2025-01-01 00:00+00', 'integration.check', 3, 20)"
            " ON CONFLICT (bucket_start, grain, tenant, event_type, dim, dim_value)"
            " DO UPDATE SET count = a.count + excluded.count"
        )
    count = _one(
        conn, "SELECT count FROM agi_audit_aggregates WHERE event_type = 'integration.check'"
    )
    expect(count == 6, f"two batches of three count {count}")


def _alerts(conn: Connection) -> None:
    for _ in range(2):
        conn.execute(
            "INSERT INTO agi_audit_alerts AS a (rule_key, dedup_key) VALUES ('check', 'check:1')"
            " ON CONFLICT (dedup_key) WHERE state <> 'resolved'"
            " DO UPDATE SET occurrences = a.occurrences + 1"
        )
    found = conn.execute(
        "SELECT occurrences, state FROM agi_audit_alerts WHERE dedup_key = 'check:1'"
    ).fetchall()
    expect(found == [(2, "open")], f"two of one kind are {found}")


_EVENT: LiteralString = """
    INSERT INTO agi_audit_logs (tenant, category, event_type, actor_type, actor_id, op,
                                target_table, target_pk, changes, rows_affected)
    VALUES ('public', 'data', 'orders.update', 'user', '42', 'UPDATE', 'orders', '1',
            '{"status": "paid"}', 1)
    RETURNING id
"""
_AUDIT: dict[str, Check] = {
    "agi_audit_logs takes an event": _takes_event,
    "agi_audit_logs takes a thousand events": _takes_many_events,
    "agi_audit_logs keeps its events": _keeps_events,
    "agi_audit_logs refuses an unknown severity": _refuses_severity,
    "agi_audit_aggregates adds up": _aggregates,
    "agi_audit_alerts joins what is alike": _alerts,
}


# --- rate limits ------------------------------------------------------------------------------


def _rule(conn: Connection, capacity: int = 5) -> int:
    return int(
        _one(
            conn,
            "INSERT INTO agi_rate_limit_rules (name, scope, capacity, refill_per_sec)"
            " VALUES ('integration check', 'user', %s, 0) RETURNING id",
            capacity,
        )
    )


def _takes_rule(conn: Connection) -> None:
    rule = _rule(conn)
    found = conn.execute(
        "SELECT enabled, mode, default_cost FROM agi_rate_limit_rules WHERE id = %s", [rule]
    ).fetchone()
    expect(found and found[:2] == (True, "enforce"), f"a new rule is {found}")


def _refuses_rules(conn: Connection) -> None:
    _rule(conn)
    _refused(
        conn,
        "a second rule of that name",
        "INSERT INTO agi_rate_limit_rules (name, capacity, refill_per_sec)"
        " VALUES ('integration check', 1, 1)",
    )
    _refused(
        conn,
        "a rule without capacity",
        "INSERT INTO agi_rate_limit_rules (name, capacity, refill_per_sec) VALUES ('none', 0, 1)",
    )


def _bucket_empties(conn: Connection) -> None:
    capacity = 5
    rule = _rule(conn, capacity)
    taken = sum(_one(conn, _TAKE, rule, capacity - 1) is not None for _ in range(capacity + 3))
    expect(taken == capacity, f"of {capacity} tokens, {taken} could be taken")


def _function_takes(conn: Connection) -> None:
    capacity = 3
    _rule(conn, capacity)
    query: LiteralString = "SELECT rate_limit_take('integration check', 'user:42')"
    taken = sum(bool(_one(conn, query)) for _ in range(capacity + 2))
    expect(taken == capacity, f"rate_limit_take gave {taken} of {capacity} tokens")


def _buckets_are_apart(conn: Connection) -> None:
    rule = _rule(conn)
    for key in (b"one", b"two"):
        conn.execute(
            "INSERT INTO agi_rate_limit_buckets (rule_id, key_hash, tokens) VALUES (%s, %s, 5)",
            [rule, key],
        )
    _refused(
        conn,
        "a second bucket of one key",
        "INSERT INTO agi_rate_limit_buckets (rule_id, key_hash, tokens) VALUES (%s, %s, 5)",
        rule,
        b"one",
    )
    conn.execute("DELETE FROM agi_rate_limit_rules WHERE id = %s", [rule])
    left = _one(conn, "SELECT count(*) FROM agi_rate_limit_buckets WHERE rule_id = %s", rule)
    expect(left == 0, "buckets outlive their rule")


def _violations(conn: Connection) -> None:
    rule = _rule(conn)
    for _ in range(3):
        conn.execute(
            "INSERT INTO agi_rate_limit_violations AS v (rule_id, key_hash, minute)"
            " VALUES (%s, %s, '2025-01-01 00:00+00')"
            " ON CONFLICT (rule_id, key_hash, minute) DO UPDATE SET hits = v.hits + 1",
            [rule, b"one"],
        )
    hits = _one(conn, "SELECT hits FROM agi_rate_limit_violations WHERE rule_id = %s", rule)
    expect(hits == 3, f"three refusals of a minute count {hits}")


_TAKE: LiteralString = """
    INSERT INTO agi_rate_limit_buckets AS b (rule_id, key_hash, tokens) VALUES (%s, 'one', %s)
    ON CONFLICT (rule_id, shard, key_hash) DO UPDATE SET tokens = b.tokens - 1 WHERE b.tokens >= 1
    RETURNING tokens
"""
_RATE_LIMITS: dict[str, Check] = {
    "agi_rate_limit_rules takes a rule": _takes_rule,
    "agi_rate_limit_rules refuses what is no rule": _refuses_rules,
    "agi_rate_limit_buckets gives as many tokens as there are": _bucket_empties,
    "rate_limit_take() gives as many tokens as there are": _function_takes,
    "agi_rate_limit_buckets keeps keys apart and goes with its rule": _buckets_are_apart,
    "agi_rate_limit_violations adds up": _violations,
}


# --- tenancy ----------------------------------------------------------------------------------


def _tenancy(conn: Connection, source: Catalog) -> Iterator[Finding]:
    """One finding for each table that has tenant_id in the source."""
    led = _led_by_tenant(source)
    for obj in sorted(source, key=lambda o: o.id):
        id = obj.id
        if id.kind == "column" and id.name == "tenant_id":
            path = f"{id.schema}.{id.parent}"

            def run(c: Connection, schema: str = id.schema, table: str = id.parent) -> None:
                _holds_tenants(c, schema, table)
                expect(
                    (schema, table) not in led or _one(c, _TENANT_INDEX, schema, table),
                    "no valid index begins with tenant_id, as one does in the source",
                )

            yield finding(conn, "tenancy", path, run)


def _led_by_tenant(source: Catalog) -> set[tuple[str, str]]:
    """Tables for which the source has an index that begins with tenant_id."""
    return {
        (obj.id.schema, obj["table"])
        for obj in source
        if obj.id.kind == "index" and re.search(r"USING \w+ \(tenant_id\b", obj["definition"])
    }


def _holds_tenants(conn: Connection, schema: str, table: str) -> None:
    """A row given to a tenant is found by that tenant, and by no other."""
    relation = sql.Identifier(schema, table)
    tenants = [row[0] for row in conn.execute("SELECT id FROM tenants ORDER BY id LIMIT 2")]
    expect(len(tenants) == 2, "there are not two tenants to tell apart")
    count = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %s").format(relation)
    mine, theirs = (_count(conn, count, tenant) for tenant in tenants)
    give = sql.SQL(
        "UPDATE {0} SET tenant_id = %s WHERE ctid = (SELECT ctid FROM {0}"
        " WHERE tenant_id IS NULL OR tenant_id <> ALL (%s) LIMIT 1)"
    ).format(relation)
    given = conn.execute(give, [tenants[0], tenants]).rowcount
    found = [_count(conn, count, tenant) for tenant in tenants]
    expect(found == [mine + given, theirs], "a row given to one tenant is not found by it alone")


def _count(conn: Connection, query: sql.Composed, tenant: Any) -> int:
    row = conn.execute(query, [tenant]).fetchone()
    return int(row[0]) if row else 0


_TENANT_INDEX: LiteralString = """
    SELECT count(*) FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
     WHERE n.nspname = %s AND c.relname = %s AND a.attname = 'tenant_id'
       AND i.indisvalid AND i.indisready
"""


# --- inventory --------------------------------------------------------------------------------


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
    yield from _each(conn, "inventory", rules)


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
    _refused(
        conn,
        "reserving more than is on hand",
        "UPDATE ocs_inventory SET quantity_on_hand = 1, quantity_reserved = 2 WHERE id = %s",
        _lot(conn),
    )


def _refuses_gtin(conn: Connection) -> None:
    _refused(
        conn,
        "a GTIN with a wrong check digit",
        "UPDATE ocs_inventory SET each_gtin = '00012345678904' WHERE id = %s",
        _lot(conn),
    )


def _lot(conn: Connection) -> Any:
    lot = _one(conn, "SELECT id FROM ocs_inventory ORDER BY id LIMIT 1")
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


# --- planner ----------------------------------------------------------------------------------


def named_queries(text: str) -> dict[str, str]:
    """The statements of a file by the name that stands in the line before each."""
    parts = re.split(r"^-- name: (\w+)\s*$", text, flags=re.MULTILINE)
    return {
        name: body.strip().rstrip(";") for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def _planner(conn: Connection, new: Collection[ObjectId], queries: str) -> Iterator[Finding]:
    """Every query can be planned, and together they use enough of the new indexes."""
    names = {id.name for id in new}
    used: set[str] = set()
    for name, query in named_queries(queries).items():

        def run(c: Connection, query: str = query) -> None:
            used.update(indexes_used(c, query))

        yield finding(conn, "queries", name, run)
    count = len(used & names)
    detail = f"{count} of the {len(names)} new indexes are used"
    yield Finding("planner", f"at least {INDEXES_USED} indexes", count >= INDEXES_USED, detail)


def indexes_used(conn: Connection, query: str) -> set[str]:
    """Names of the indexes that the planner takes for a query.

    Args:
        conn: to the database.
        query: a text of ours; it is EXPLAINed, never run.
    """
    return set(_indexes(_one(conn, f"EXPLAIN (FORMAT JSON) {query}")))


def _indexes(plan: Any) -> Iterator[str]:
    """Names of the indexes anywhere in a plan."""
    if isinstance(plan, list):
        for part in plan:
            yield from _indexes(part)
    elif isinstance(plan, dict):
        if name := plan.get("Index Name"):
            yield name
        yield from _indexes(list(plan.values()))


def new_indexes(source: Catalog, changed: Iterable[ObjectId]) -> frozenset[ObjectId]:
    """The indexes that a migration brought; those of constraints are not among them.

    Args:
        source: the schema that was wanted.
        changed: the objects of the difference; none means that it is not known any more.
    """
    indexes = frozenset(obj.id for obj in source if obj.id.kind == "index")
    return indexes & frozenset(changed) or indexes
