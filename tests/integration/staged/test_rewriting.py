"""Large tables: what would rewrite them under a lock waits for leave, or is done another way."""

from __future__ import annotations

import pytest

from tests.conftest import Database
from tests.integration.staged.both import Pair, pair
from tests.servers import Server
from weedgo.staged.model import Status

OLD = """
CREATE TABLE public.orders (id integer PRIMARY KEY, total numeric);
INSERT INTO public.orders SELECT n, n FROM generate_series(1, 500) n;
"""
SMALL = {"rewrite_limit": 1000}


def _pair(pg18: Server, database: Database, columns: str, more: str = "") -> Pair:
    new = f"CREATE TABLE public.orders (id integer PRIMARY KEY, total numeric{columns}); {more}"
    return pair(pg18, database, OLD, new)


@pytest.mark.parametrize(("columns", "more", "what"), [
    (", half numeric GENERATED ALWAYS AS (total / 2) STORED", "", "rewrites public.orders"),
    (", EXCLUDE USING btree (total WITH =)", "", "reads public.orders"),
    (", number bigint GENERATED ALWAYS AS IDENTITY", "", "rewrites public.orders"),
])  # fmt: skip
def test_what_has_no_online_way_waits_for_leave_above_the_limit(
    columns: str, more: str, what: str, pg18: Server, database: Database
) -> None:
    shop = _pair(pg18, database, columns, more)
    report = shop.migrate(**SMALL)
    assert (report.status, report.exit) == ("incomplete", 1)
    (waiting,) = [r for r in report.results if r.status is Status.WAITING]
    assert what in waiting.message
    assert "B) under" in waiting.message
    assert "--allow-rewrite" in waiting.remedy
    assert shop.migrate(**SMALL, allow_rewrite=True).status == "equal"
    assert not shop.unlike()


def test_below_the_limit_nothing_waits(pg18: Server, database: Database) -> None:
    shop = _pair(pg18, database, ", half numeric GENERATED ALWAYS AS (total / 2) STORED")
    assert shop.migrate().status == "equal"


@pytest.mark.parametrize("bound", ["", " NOT NULL"])
def test_each_row_gets_a_value_of_its_own_without_a_rewrite(
    bound: str, pg18: Server, database: Database
) -> None:
    shop = _pair(pg18, database, f", token uuid{bound} DEFAULT gen_random_uuid()")
    file = shop.ask("SELECT relfilenode FROM pg_class WHERE relname = 'orders'")
    assert shop.migrate(**SMALL).status == "equal"
    assert shop.ask("SELECT count(DISTINCT token) FROM orders") == 500
    assert shop.ask("SELECT relfilenode FROM pg_class WHERE relname = 'orders'") == file
    assert not shop.unlike()
    assert shop.left_over() == 0
