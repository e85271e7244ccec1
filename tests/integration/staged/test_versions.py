"""What the engine relies on in the server holds on every supported version."""

from __future__ import annotations

import psycopg
import pytest

from tests.conftest import Database
from tests.integration.staged import made
from tests.integration.staged.made import IMPATIENT, ask, do, new_column, new_index, on, step, table
from tests.servers import Server
from weedgo.staged.model import Status


@pytest.fixture
def target(any_server: Server, database: Database) -> str:
    """A database of each version with two tables."""
    url = database(any_server, "engine")
    do(url, "CREATE TABLE public.orders (id integer)", "CREATE TABLE public.stores (id integer)")
    return url


def test_a_transaction_is_one(target: str) -> None:
    """The first statement of a step is taken back when the second fails, with its record."""
    broken = step(
        table("orders"),
        on("orders", "ALTER TABLE public.orders ADD COLUMN a integer"),
        on("orders", "ALTER TABLE public.orders ADD COLUMN b nonsense"),
    )
    result = made.run(target, broken)["orders"]
    assert (result.status, result.sqlstate) == (Status.FAILED, "42704")
    assert ask(target, "SELECT count(*) FROM pg_attribute WHERE attname = 'a'") == 0


def test_the_lock_timeout_holds_for_all_of_it(target: str) -> None:
    both = step(
        table("orders"),
        on("orders", "ALTER TABLE public.orders ADD COLUMN a integer"),
        on("stores", "ALTER TABLE public.stores ADD COLUMN a integer", lock=""),
    )
    with psycopg.connect(target) as holder:
        holder.execute("LOCK TABLE public.stores")
        result = made.run(target, both, options=IMPATIENT)["orders"]
        assert (result.status, result.sqlstate) == (Status.FAILED, "55P03")
    assert made.run(target, both)["orders"].status is Status.DONE


def test_several_locks_are_taken_first(target: str) -> None:
    both = step(
        table("orders"),
        on("orders", "ALTER TABLE public.orders ADD COLUMN a integer"),
        on("stores", "LOCK TABLE public.stores IN SHARE ROW EXCLUSIVE MODE", "SHARE ROW EXCLUSIVE"),
        on("stores", "ALTER TABLE public.stores ADD COLUMN a integer"),
    )
    assert made.run(target, both)["orders"].status is Status.DONE


def test_columns_and_indexes_are_made_and_recorded(target: str) -> None:
    column = new_column("orders", "note")
    results = made.run(target, column, new_index("orders", "note", needs=(column,)))
    assert {r.status for r in results.values()} == {Status.DONE}
    assert set(made.journalled(target).values()) == {"done"}
    assert made.invalid_indexes(target) == 0
