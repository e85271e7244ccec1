"""Values for rows that lack one: in batches, beside the traffic, resumed after a crash."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.conftest import Database
from tests.integration.staged.both import Pair, pair
from tests.servers import Server
from weedgo.staged import backfill, fill
from weedgo.staged.model import Event, StagedError, Status

OLD = """
CREATE TABLE public.stores (id integer PRIMARY KEY, region text NOT NULL);
INSERT INTO public.stores SELECT n, 'region ' || n FROM generate_series(0, 4) n;
CREATE TABLE public.orders (id integer PRIMARY KEY, store integer, note text);
INSERT INTO public.orders SELECT n, n % 5, CASE WHEN n % 2 = 0 THEN 'kept' END
  FROM generate_series(1, 2000) n;
"""
NEW = """
CREATE TABLE public.stores (id integer PRIMARY KEY, region text NOT NULL);
CREATE TABLE public.orders (id integer PRIMARY KEY, store integer, note text NOT NULL,
    region text NOT NULL DEFAULT 'none');
"""
VALUES = {
    "public.orders.note": "'order ' || id",
    "public.orders.region": "(SELECT s.region FROM stores s WHERE s.id = orders.store)",
}


@pytest.fixture
def shop(pg18: Server, database: Database) -> Pair:
    return pair(pg18, database, OLD, NEW)


def _filled(shop: Pair) -> None:
    assert not shop.unlike()
    assert shop.left_over() == 0
    assert shop.ask("SELECT count(*) FROM orders WHERE note = 'kept'") == 1000
    assert shop.ask("SELECT count(*) FROM orders WHERE note = 'order ' || id") >= 1000
    assert shop.ask("SELECT count(*) FROM orders o JOIN stores s ON s.id = o.store"
                    " WHERE o.region = s.region AND o.id <= 2000") == 2000  # fmt: skip
    assert shop.ask("SELECT count(*) FROM weedgo_migration.backfill WHERE finished IS NULL") == 0


@pytest.mark.parametrize("server", ["pg18", "pg176", "pg15"])
def test_null_and_new_columns_are_filled_and_bound(
    server: str, request: pytest.FixtureRequest, database: Database
) -> None:
    shop = pair(request.getfixturevalue(server), database, OLD, NEW)
    before = shop.dump()
    report = shop.migrate(backfills=VALUES)
    assert report.status == "equal", [r.message for r in report.results]
    _filled(shop)
    assert not shop.migrate(backfills=VALUES).results
    assert shop.rollback().status == "equal"
    assert shop.dump() == before


def test_without_values_the_rows_are_counted_and_the_entry_is_shown(shop: Pair) -> None:
    report = shop.migrate()
    refused = {r.step.main.id.name: r for r in report.results if r.status is Status.REFUSED}
    assert "1000 rows hold NULL" in refused["note"].message
    assert 'public.orders.note = "…"' in refused["note"].remedy


def test_rows_written_meanwhile_get_the_value_too(
    shop: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "FIRST", 100)
    monkeypatch.setattr(fill, "_TOLD", 0.0)
    written = []

    def write(event: Event) -> None:
        if event.what == "progress" and event.text.startswith("public.orders.note"):
            with psycopg.connect(shop.target, autocommit=True) as conn:
                id = 10_000 + len(written)
                conn.execute("INSERT INTO orders (id, store) VALUES (%s, 1)", [id])
                conn.execute("UPDATE orders SET note = NULL WHERE id = 2")
                written.append(id)

    assert shop.migrate(write, backfills=VALUES).status == "equal"
    assert len(written) > 2
    assert shop.ask("SELECT count(*) FROM orders WHERE id >= 10000 AND note = 'order ' || id") == (
        len(written)
    )
    assert not shop.unlike()


class _KilledError(Exception):
    """Stands for a process that ends in the middle of a step."""


def test_a_killed_run_is_continued_where_it_stopped(
    shop: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "FIRST", 100)
    monkeypatch.setattr(fill, "_TOLD", 0.0)

    def kill(event: Event) -> None:
        if event.what == "progress":
            raise _KilledError

    with pytest.raises(_KilledError):
        shop.migrate(kill, backfills=VALUES)
    done = shop.ask("SELECT max(place[1]::int) FROM weedgo_migration.backfill")
    assert done >= 100
    assert shop.left_over() > 0
    # Not even told again what the values are.
    rest = {k: v for k, v in VALUES.items() if not k.endswith(
        shop.ask("SELECT split_part(subject, '.', 3) FROM weedgo_migration.backfill"))}  # fmt: skip
    assert shop.migrate(backfills=rest).status == "equal"
    _filled(shop)


def test_ctrl_c_in_the_middle_keeps_what_is_filled_and_the_next_run_goes_on(
    shop: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "FIRST", 100)
    monkeypatch.setattr(fill, "_TOLD", 0.0)
    pressed: list[str] = []

    def press(event: Event) -> None:
        if event.what == "progress" and not pressed:
            pressed.append(event.text)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.migrate(press, backfills=VALUES)
    assert shop.ask("SELECT status FROM weedgo_migration.run") == "interrupted"
    assert shop.ask("SELECT count(*) FROM weedgo_migration.step WHERE status = 'running'") == 0
    failed = "SELECT message FROM weedgo_migration.step WHERE status = 'failed'"
    assert "interrupted by the user" in shop.ask(failed)
    # What is committed stays, and whatever is written meanwhile is filled by the trigger.
    done = shop.ask("SELECT max(place[1]::int) FROM weedgo_migration.backfill")
    assert done >= 100
    shop.do("INSERT INTO orders (id, store) VALUES (5000, 1)")
    begun: list[int] = []

    def look(event: Event) -> None:
        if event.what == "progress" and not begun:
            begun.append(shop.ask("SELECT min(place[1]::int) FROM weedgo_migration.backfill"))

    assert shop.migrate(look, backfills=VALUES).status == "equal"
    assert begun[0] > done
    _filled(shop)


def test_what_a_killed_run_left_goes_when_no_run_wants_it(
    shop: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "FIRST", 100)
    monkeypatch.setattr(fill, "_TOLD", 0.0)

    def kill(event: Event) -> None:
        if event.what == "progress":
            raise _KilledError

    with pytest.raises(_KilledError):
        shop.migrate(kill, backfills=VALUES)
    assert shop.left_over() > 0
    shop.rollback()
    assert shop.left_over() == 0


@pytest.mark.parametrize("key", [
    "PRIMARY KEY (a, b)", "PRIMARY KEY (c)", "UNIQUE (d)", "CHECK (a > 0)",
])  # fmt: skip
def test_any_key_or_none_will_do(
    key: str, pg18: Server, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "FIRST", 50)
    columns = "a integer, b text, c uuid, d timestamptz NOT NULL, {}"
    table = f"CREATE TABLE public.t ({columns}, {key})"
    old = (
        table.format("v text")
        + """;
        INSERT INTO public.t SELECT n % 7 + 1, 'k''' || n, gen_random_uuid(),
          now() + n * interval '1 s'
          FROM generate_series(1, 700) n; ANALYZE public.t;"""
    )
    filled = pair(pg18, database, old, table.format("v text NOT NULL"))
    report = filled.migrate(backfills={"public.t.v": "b || a"})
    assert report.status == "equal", [r.message for r in report.results]
    assert filled.ask("SELECT count(*) FROM t WHERE v = b || a") == 700
    assert filled.ask("SELECT batches FROM weedgo_migration.backfill") > 1


def test_partitions_are_filled_one_by_one(pg18: Server, database: Database) -> None:
    table = """CREATE TABLE public.t (id integer, v text {}) PARTITION BY LIST (id);
        CREATE TABLE public.odd PARTITION OF public.t FOR VALUES IN (1, 3);
        CREATE TABLE public.even PARTITION OF public.t FOR VALUES IN (2, 4);"""
    rows = "INSERT INTO public.t SELECT n % 4 + 1 FROM generate_series(1, 100) n"
    filled = pair(pg18, database, table.format("") + rows, table.format("NOT NULL"))
    report = filled.migrate(backfills={"public.t.v": "'number ' || t.id"})
    assert report.status == "equal", [r.message for r in report.results]
    assert filled.ask("SELECT count(*) FROM t WHERE v = 'number ' || id") == 100


@pytest.mark.parametrize(("values", "count"), [
    ({"public.orders.note": "CASE WHEN id > 10 THEN 'x' END"}, "for 5 rows"),
    ({"public.orders.region": "CASE WHEN id > 10 THEN 'x' END"}, "for 10 rows"),
])  # fmt: skip
def test_values_that_leave_rows_without_one_are_counted_before_any_lock(
    shop: Pair, values: dict[str, str], count: str
) -> None:
    report = shop.migrate(backfills=VALUES | values)
    (refused,) = [r for r in report.results if r.status is Status.REFUSED]
    assert count in refused.message
    assert "see the rows: SELECT *" in refused.remedy
    assert shop.left_over() == 0


def test_values_that_a_check_would_refuse_are_counted(pg18: Server, database: Database) -> None:
    table = "CREATE TABLE public.t (id integer PRIMARY KEY, v integer {} CHECK (v < 5))"
    rows = "; INSERT INTO public.t SELECT generate_series(1, 9)"
    filled = pair(pg18, database, table.format("") + rows, table.format("NOT NULL"))
    (refused,) = filled.migrate(backfills={"public.t.v": "id"}).results
    assert "would violate t_v_check in 5 rows" in refused.message


@pytest.mark.parametrize(("values", "said"), [
    ({"public.orders.regio": "1"}, "did you mean public.orders.region"),
    ({"public.orders.store": "1"}, ""),
    ({"public.orders.region": "substr('a'"}, "[42601]"),
    ({"public.orders.region": "stroe::text"}, 'column "stroe" does not exist'),
])  # fmt: skip
def test_wrong_entries_are_named_and_nothing_is_done(
    shop: Pair, values: dict[str, str], said: str
) -> None:
    if not said:
        assert shop.migrate(backfills=VALUES | values).status == "equal"
        return
    with pytest.raises(StagedError) as error:
        shop.migrate(backfills=values)
    assert said in str(error.value)
    assert shop.ask("SELECT to_regclass('weedgo_migration.run')") is None


def test_a_file_may_write_its_names_in_either_form(tmp_path: Path) -> None:
    path = tmp_path / "values.toml"
    path.write_text("orders.note = \"'x'\"\n[shop.stores]\nopen = true\nsize = 3\n")
    assert backfill.load(path) == {
        "public.orders.note": "'x'", "shop.stores.open": "true", "shop.stores.size": "3",
    }  # fmt: skip


@pytest.mark.parametrize(("text", "said"), [
    ("a = ", "is not TOML"), ("", "holds no entry"), ("a = 1", "no column's values"),
    ("a.b.c = [1]", "a.b.c is no expression"),
])  # fmt: skip
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "values.toml"
    path.write_text(text)
    with pytest.raises(StagedError, match=said):
        backfill.load(path)
