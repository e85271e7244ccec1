"""Every operation on a large table: done beside its traffic, or left waiting.

What waits says why, and is done with leave. What does not wait must not have given the table
another file: that is what a rewrite under a lock leaves behind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from tests.conftest import Database
from tests.integration.staged.both import Pair, pair
from tests.servers import Server
from weedgo.staged.model import Options, Rename, Status
from weedgo.staged.run import plan

LIMIT = {"rewrite_limit": 1000}
ROWS = """;
INSERT INTO public.orders (id, total, note) SELECT n, n, 'n' || n FROM generate_series(1, 500) n
"""
_FILES = """
SELECT string_agg(c.relname || ' ' || pg_relation_filenode(c.oid), ', ' ORDER BY c.relname)
  FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
 WHERE 'public.orders'::regclass IN (c.oid, i.indrelid)
"""


@dataclass(frozen=True)
class Operation:
    """What the table has before and after.

    Args:
        old, new: its columns and constraints beside ``id``, ``total`` and ``note``.
        before, after: statements behind the table's own.
        total: the type of its column before and after.
        kind: of table before and after.
        end: what follows the columns.
    """

    old: str = ""
    new: str = ""
    before: str = ""
    after: str = ""
    total: tuple[str, str] = ("integer", "integer")
    kind: tuple[str, str] = ("TABLE", "TABLE")
    end: tuple[str, str] = ("", "")

    def text(self, side: int) -> str:
        return (
            f"CREATE {self.kind[side]} public.orders (id integer NOT NULL,"
            f" total {self.total[side]}, note text{(self.old, self.new)[side]}){self.end[side]};"
            f" {(self.before, self.after)[side]}"
        )

    def pair(self, server: Server, database: Database) -> Pair:
        return pair(server, database, self.text(0) + ROWS, self.text(1))


HALF = ", half integer GENERATED ALWAYS AS (total / 2) STORED"
PARTS = " PARTITION BY RANGE (id)"
WHOLE = "CREATE TABLE public.orders_1 PARTITION OF public.orders FOR VALUES FROM (0) TO (1000)"
OTHERS = "CREATE TABLE public.others (id integer PRIMARY KEY)"
ALIKE = "CREATE COLLATION public.alike (provider = libc, locale = 'C')"

WAITS = {
    "a stored generated column": Operation(new=HALF),
    "another expression of a stored column": Operation(old=HALF, new=HALF.replace("2", "3")),
    "a stored column that was computed": Operation(
        old=HALF.replace("STORED", "VIRTUAL"), new=HALF
    ),
    "an exclusion constraint": Operation(new=", EXCLUDE USING btree (id WITH =)"),
    "an identity column": Operation(new=", number bigint GENERATED ALWAYS AS IDENTITY"),
    "unlogged to logged": Operation(kind=("UNLOGGED TABLE", "TABLE")),
    "logged to unlogged": Operation(kind=("TABLE", "UNLOGGED TABLE")),
    "plain to partitioned": Operation(end=("", PARTS), after=WHOLE),
    "partitioned to plain": Operation(end=(PARTS, ""), before=WHOLE),
    "a type under a generated column": Operation(
        old=HALF, new=HALF, total=("integer", "bigint")
    ),
    "a type in an exclusion constraint": Operation(
        old=", EXCLUDE USING btree (total WITH =)", new=", EXCLUDE USING btree (total WITH =)",
        total=("integer", "bigint"),
    ),
    "a type of a partitioned table": Operation(
        total=("integer", "bigint"), end=(PARTS, PARTS), before=WHOLE, after=WHOLE
    ),
    "a type of an inherited table": Operation(
        total=("integer", "bigint"),
        before="CREATE TABLE public.heir () INHERITS (public.orders)",
        after="CREATE TABLE public.heir () INHERITS (public.orders)",
    ),
    "other bounds of a partition": Operation(
        end=(PARTS, PARTS), before=WHOLE,
        after=f"{WHOLE.replace('1000', '300')}; CREATE TABLE public.orders_2 PARTITION OF"
        " public.orders FOR VALUES FROM (300) TO (1000)",
    ),
    "a type and a collation with an index": Operation(
        before=f"{ALIKE}; CREATE INDEX by_note ON public.orders (note)",
        after=f"{ALIKE}; ALTER TABLE public.orders ALTER note TYPE text COLLATE public.alike;"
        " CREATE INDEX by_note ON public.orders (note)",
    ),
}  # fmt: skip

ONLINE = {
    "a column": Operation(new=", more integer DEFAULT 3"),
    "a column whose default differs by row": Operation(new=", key uuid DEFAULT gen_random_uuid()"),
    "a type": Operation(total=("integer", "bigint")),
    "a type with an index": Operation(
        total=("integer", "bigint"), before="CREATE INDEX by_total ON public.orders (total)",
        after="CREATE INDEX by_total ON public.orders (total)",
    ),
    "a longer type": Operation(total=("varchar(10)", "varchar(20)")),
    "not null": Operation(total=("integer", "integer NOT NULL")),
    "a primary key": Operation(new=", PRIMARY KEY (id)"),
    "a unique constraint": Operation(new=", UNIQUE (id)"),
    "a deferrable unique constraint": Operation(new=", UNIQUE (id) DEFERRABLE"),
    "a check": Operation(new=", CHECK (id > 0)"),
    "a foreign key": Operation(
        before=f"{OTHERS}; INSERT INTO public.others SELECT generate_series(1, 500)",
        after=f"{OTHERS}; ALTER TABLE public.orders ADD FOREIGN KEY (id) REFERENCES public.others",
    ),
    "an index": Operation(after="CREATE INDEX by_note ON public.orders (lower(note))"),
    "a stored column that becomes plain": Operation(old=HALF, new=", half integer"),
    "a partition more": Operation(
        end=(PARTS, PARTS), before=WHOLE,
        after=f"{WHOLE}; CREATE TABLE public.orders_2 PARTITION OF public.orders"
        " FOR VALUES FROM (1000) TO (2000)",
    ),
    "an index of a partitioned table": Operation(
        end=(PARTS, PARTS), before=WHOLE,
        after=f"{WHOLE}; CREATE INDEX by_note ON public.orders (note)",
    ),
    "serial to identity": Operation(
        before="CREATE SEQUENCE public.n OWNED BY public.orders.id; ALTER TABLE public.orders ALTER"
        " id SET DEFAULT nextval('public.n')",
        after="ALTER TABLE public.orders ALTER id ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME"
        " public.n)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WAITS)
def test_it_waits_for_leave_and_says_why(name: str, pg18: Server, database: Database) -> None:
    shop = WAITS[name].pair(pg18, database)
    files = shop.ask(_FILES)
    report = shop.migrate(**LIMIT)
    waiting = [r for r in report.results if r.status is Status.WAITING]
    assert (report.status, report.exit) == ("incomplete", 1), [r.step.id for r in report.results]
    assert any("B) under" in r.message and "--allow-rewrite" in r.remedy for r in waiting)
    assert shop.ask(_FILES) == files
    assert shop.migrate(**LIMIT, allow_rewrite=True).status == "equal"
    assert not shop.unlike()
    assert shop.ask("SELECT count(*) FROM public.orders") == 500


@pytest.mark.parametrize("name", ONLINE)
def test_it_needs_no_leave_as_nothing_is_rewritten(
    name: str, pg18: Server, database: Database
) -> None:
    shop = ONLINE[name].pair(pg18, database)
    file = "SELECT pg_relation_filenode('public.orders')"
    before = shop.ask(file)
    report = shop.migrate(**LIMIT)
    assert report.status == "equal", [(r.step.id, r.message) for r in report.results]
    assert not shop.unlike()
    assert shop.ask(file) == before
    assert shop.ask("SELECT count(*) FROM public.orders") == 500


@pytest.mark.parametrize("name", ["unlogged to logged", "plain to partitioned"])
def test_the_way_back_waits_for_leave_too(name: str, pg18: Server, database: Database) -> None:
    shop = WAITS[name].pair(pg18, database)
    before = shop.dump()
    shop.migrate(**LIMIT, allow_rewrite=True)
    shop.do("INSERT INTO public.orders VALUES (600, 600, 'written since')")
    after = shop.dump()
    for asked in (shop.foreseen(**LIMIT), shop.rollback(**LIMIT)):
        waiting = [r for r in asked.results if r.status is Status.WAITING]
        assert any("B) under" in r.message and "--allow-rewrite" in r.remedy for r in waiting)
    assert shop.dump() == after
    assert shop.rollback(**LIMIT, allow_rewrite=True).status == "equal"
    assert shop.dump() == before
    assert shop.ask("SELECT count(*) FROM public.orders") == 501


def test_a_plan_is_proved_with_what_waits_and_says_so(pg18: Server, database: Database) -> None:
    shop = WAITS["a stored generated column"].pair(pg18, database)
    report = plan(shop.source, shop.target, Options(**LIMIT), proof=True)
    assert report.message.startswith("proved on an empty clone")
    assert report.message.endswith("; 1 step waits for --allow-rewrite")
    assert [r.status for r in report.results] == [Status.WAITING]
    assert plan(
        shop.source, shop.target, Options(**LIMIT, allow_rewrite=True), proof=True
    ).message.endswith("it ends equal to the source")


def test_a_renamed_table_is_as_large_as_it_was(pg18: Server, database: Database) -> None:
    wanted = (
        "CREATE TABLE public.sales (id integer NOT NULL, total integer, note text,"
        " half integer GENERATED ALWAYS AS (total / 2) STORED)"
    )
    shop = pair(pg18, database, Operation().text(0) + ROWS, wanted)
    renames = (Rename("tables", ("public", "orders"), ("public", "sales")),)
    report = plan(shop.source, shop.target, Options(**LIMIT, renames=renames), proof=False)
    (waiting,) = [r for r in report.results if r.status is Status.WAITING]
    assert re.search(r"rewrites public\.sales \(\d[\d.]* kB\)", waiting.message)
    shop.migrate(**LIMIT, renames=renames)
    assert shop.ask("SELECT count(*) FROM public.sales") == 500
    assert shop.migrate(**LIMIT, allow_rewrite=True).status == "equal"
    assert not shop.unlike()


# What is done without asking is as well done by the cases; here by some.
@pytest.mark.parametrize("name", list(WAITS)[::3])
def test_below_the_limit_it_is_done(name: str, pg18: Server, database: Database) -> None:
    shop = WAITS[name].pair(pg18, database)
    assert shop.migrate().status == "equal"
    assert not shop.unlike()
