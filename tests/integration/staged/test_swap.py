"""Columns of large tables that change their type beside the traffic, with all of theirs."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from tests.conftest import Database
from tests.integration.staged.both import Pair, pair
from tests.servers import Server
from weedgo.staged.kinds.swap import retold
from weedgo.staged.model import Event, Status

SCHEMA = """
CREATE TABLE public.customers (
    id {type} GENERATED {always} AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    invited_by {type} REFERENCES public.customers ON DELETE SET NULL
);
CREATE TABLE public.orders (
    number {serial} PRIMARY KEY,
    customer {type} NOT NULL REFERENCES public.customers ON DELETE CASCADE ON UPDATE CASCADE,
    total {type} DEFAULT 0 CHECK (total >= 0),
    note text,
    UNIQUE (customer, number)
);
CREATE TABLE public.lines (
    "order" {type} NOT NULL, line integer NOT NULL, PRIMARY KEY ("order", line),
    CONSTRAINT lines_order FOREIGN KEY ("order") REFERENCES public.orders (number)
);
CREATE INDEX orders_by_customer ON public.orders (customer) INCLUDE (total);
CREATE INDEX orders_large ON public.orders (lower(note), (customer + 1)) WHERE customer > 10;
CREATE INDEX orders_note ON public.orders (note);
CREATE STATISTICS orders_both ON customer, total FROM public.orders;
CREATE VIEW public.turnover AS SELECT customer, sum(total) AS total FROM public.orders GROUP BY 1;
CREATE VIEW public.top AS SELECT * FROM public.turnover ORDER BY total DESC LIMIT 3;
CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.note := coalesce(NEW.note, 'touched'); RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE OF customer ON public.orders
    FOR EACH ROW EXECUTE FUNCTION public.touch();
ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.orders USING (customer > 0);
COMMENT ON COLUMN public.orders.customer IS 'who pays';
COMMENT ON INDEX public.orders_by_customer IS 'for the till';
COMMENT ON CONSTRAINT orders_pkey ON public.orders IS 'the number';
GRANT SELECT (customer) ON public.orders TO PUBLIC;
ALTER TABLE public.orders ALTER COLUMN total SET STATISTICS 500;
ALTER TABLE public.orders CLUSTER ON orders_by_customer;
"""
ROWS = """
INSERT INTO public.customers (name) SELECT 'c' || n FROM generate_series(1, 50) n;
UPDATE public.customers SET invited_by = id - 1 WHERE id > 1;
INSERT INTO public.orders (customer, total) SELECT n % 50 + 1, n FROM generate_series(1, 2000) n;
INSERT INTO public.lines SELECT n, 1 FROM generate_series(1, 2000) n;
"""
SMALL = {"type": "integer", "serial": "serial", "always": "ALWAYS"}
LARGE = {"type": "bigint", "serial": "bigserial", "always": "ALWAYS"}
LIMIT = {"rewrite_limit": 20_000}
SUMS = """
SELECT md5(string_agg(s, ',' ORDER BY s)) FROM (
    SELECT format('%%s %%s %%s', number, customer, total) AS s FROM orders
    UNION ALL SELECT format('c %%s %%s', id, invited_by) FROM customers
    UNION ALL SELECT format('l %%s', "order") FROM lines) x
"""


def _pair(server: Server, database: Database) -> Pair:
    return pair(server, database, SCHEMA.format(**SMALL) + ROWS, SCHEMA.format(**LARGE))


def _files(shop: Pair) -> list[int]:
    return [
        shop.ask("SELECT relfilenode::int8 FROM pg_class WHERE oid = %s::regclass", table)
        for table in ("customers", "orders", "lines")
    ]


@pytest.mark.parametrize("server", ["pg18", "pg176", "pg15"])
def test_keys_with_all_that_refers_to_them_are_exchanged_and_taken_back(
    server: str, request: pytest.FixtureRequest, database: Database
) -> None:
    shop = _pair(request.getfixturevalue(server), database)
    before, sums, files = shop.dump(), shop.ask(SUMS), _files(shop)
    report = shop.migrate(**LIMIT)
    assert report.status == "equal", [(r.step.id, r.message) for r in report.results]
    assert not shop.unlike()
    assert (shop.ask(SUMS), _files(shop), shop.left_over()) == (sums, files, 0)
    assert shop.ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
    assert shop.ask("INSERT INTO customers (name) VALUES ('new') RETURNING id") == 51
    assert shop.ask("INSERT INTO orders (customer) VALUES (51) RETURNING number") == 2001
    sums = shop.ask(SUMS)
    assert not shop.migrate(**LIMIT).results
    undone = shop.rollback()
    assert undone.status == "equal", [(r.step.id, r.message) for r in undone.results]
    assert shop.dump() == before
    assert (shop.ask(SUMS), _files(shop), shop.left_over()) == (sums, files, 0)


def test_what_is_written_meanwhile_is_kept(pg18: Server, database: Database) -> None:
    shop = _pair(pg18, database)
    errors: list[str] = []
    written = 0

    def write(event: Event) -> None:
        nonlocal written
        if event.what not in ("progress", "step"):
            return
        written += 1
        with psycopg.connect(shop.target, autocommit=True) as conn:
            try:
                conn.execute("INSERT INTO customers (name) VALUES ('meanwhile')")
                conn.execute(
                    "INSERT INTO orders (customer, total) SELECT max(id), 7 FROM customers"
                )
                conn.execute("UPDATE orders SET total = total + 1, customer = 2 WHERE number = 1")
                conn.execute('DELETE FROM lines WHERE "order" = 9')
            except psycopg.Error as error:
                errors.append(str(error))

    report = shop.migrate(write, **LIMIT)
    assert report.status == "equal", [r.message for r in report.results]
    assert not errors
    assert not shop.unlike()
    assert shop.ask("SELECT total FROM orders WHERE number = 1") == 1 + written
    assert shop.ask("SELECT count(*) FROM orders WHERE total = 7") == written + 1


class _KilledError(Exception):
    """Stands for a process that ends in the middle of a step."""


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_killed_anywhere_the_next_run_goes_on(
    share: float, pg18: Server, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = _pair(pg18, database)
    before, sums = shop.dump(), shop.ask(SUMS)
    calls = 0
    send = psycopg.Connection.execute

    def counted(self, query, *args, **more):
        nonlocal calls
        text = query if isinstance(query, bytes) else b""
        if b"weedgo_tmp_" in text and b"pg_catalog.pg_proc" not in text:
            calls += 1
            if calls == round(share * 45):
                raise _KilledError
        return send(self, query, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "execute", counted)
        with pytest.raises(_KilledError):
            shop.migrate(**LIMIT)
    assert shop.left_over() > 0 or share < 0.7
    if share == 0.7:
        shop.rollback()
        assert shop.left_over() == 0
        assert shop.dump() == before
    assert shop.migrate(**LIMIT).status == "equal"
    assert not shop.unlike()
    assert (shop.ask(SUMS), shop.left_over()) == (sums, 0)


@pytest.mark.parametrize(("more", "why"), [
    (", half {0} GENERATED ALWAYS AS (v / 2) STORED", "half is generated from it"),
    (", EXCLUDE USING btree (v WITH =)", "is an exclusion constraint"),
])  # fmt: skip
def test_what_cannot_be_exchanged_waits_for_leave_and_says_why(
    more: str, why: str, pg18: Server, database: Database
) -> None:
    table = "CREATE TABLE public.t (id integer PRIMARY KEY, v {0}" + more + ")"
    rows = "; INSERT INTO public.t SELECT n, n FROM generate_series(1, 500) n"
    shop = pair(pg18, database, table.format("integer", "integer") + rows,
                table.format("bigint", "bigint"))  # fmt: skip
    (waiting,) = [r for r in shop.migrate(rewrite_limit=1000).results
                  if r.status is Status.WAITING]  # fmt: skip
    assert "rewrites public.t" in waiting.message
    assert any(why in hazard for hazard in waiting.step.hazards)
    assert shop.migrate(rewrite_limit=1000, allow_rewrite=True).status == "equal"
    assert not shop.unlike()


@pytest.mark.parametrize(("text", "told"), [
    ("USING btree (id, lower(id))", 'USING btree ("new", lower("new"))'),
    ("USING btree (\"Id\", id)", 'USING btree ("Id", "new")'),
    ("CHECK ((id > 0) AND note <> 'id is')", "CHECK ((\"new\" > 0) AND note <> 'id is')"),
    ("ON public.id USING btree (identity) WHERE id(x) > idx", None),
    ('"id" = 1', '"new" = 1'),
])  # fmt: skip
def test_definitions_are_told_with_the_new_column(text: str, told: str | None) -> None:
    assert retold(text, {"id": "new"}) == (told or text)


_READY = """
SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE c.relname ~ '^weedgo_tmp_' AND i.indisvalid
"""


def test_ctrl_c_in_the_exchange_undoes_it_and_the_next_run_goes_on(
    pg18: Server, database: Database, interruptible: Callable[[], None]
) -> None:
    shop = _pair(pg18, database)
    sums, files = shop.ask(SUMS), _files(shop)
    pressed: list[str] = []
    with psycopg.connect(shop.target) as old, psycopg.connect(shop.target) as reader:
        old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

        def listen(event: Event) -> None:
            if event.what == "progress":
                # The first index that is built beside waits for this snapshot.
                old.execute("SELECT 1")
            elif event.what == "blocked" and old.info.transaction_status:
                reader.execute("LOCK TABLE lines IN ACCESS SHARE MODE")
                old.rollback()
            elif event.what == "blocked" and not pressed and shop.ask(_READY):
                # The exchange itself is what that lock holds up.
                pressed.append(event.text)
                interruptible()

        with pytest.raises(KeyboardInterrupt):
            shop.migrate(listen, **LIMIT, lock_timeout=0.2)
    assert pressed
    assert (shop.ask(SUMS), _files(shop)) == (sums, files)
    assert shop.ask("SELECT count(*) FROM weedgo_migration.step WHERE status = 'running'") == 0
    assert shop.ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
    kept = (
        "SELECT atttypid::regtype::text FROM pg_attribute"
        " WHERE attrelid = 'lines'::regclass AND attname = 'order'"
    )
    assert shop.ask(kept) == "integer"
    assert shop.migrate(**LIMIT).status == "equal"
    assert not shop.unlike()
    assert (shop.ask(SUMS), _files(shop), shop.left_over()) == (sums, files, 0)
