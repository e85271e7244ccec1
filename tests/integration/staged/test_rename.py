"""`--rename FILE`: what has another name is renamed, with its rows and all that depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import pgdump
from tests.integration.staged.made import ask, do
from tests.servers import Server
from weedgo.staged import renames
from weedgo.staged.model import DropMode, Options, Report, StagedError, Status
from weedgo.staged.run import migrate, plan, rollback

OLD = (
    "CREATE SCHEMA old_shop",
    "CREATE TYPE old_shop.state AS ENUM ('nwe', 'paid')",
    "CREATE DOMAIN old_shop.mail AS text CONSTRAINT has_sign CHECK (value LIKE '%@%')",
    "CREATE FUNCTION old_shop.rate(old_shop.state) RETURNS numeric LANGUAGE sql IMMUTABLE"
    " RETURN 1.5",
    "CREATE TABLE old_shop.customer (id bigserial PRIMARY KEY, mail old_shop.mail)",
    "CREATE TABLE old_shop.ord (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " state old_shop.state DEFAULT 'nwe' NOT NULL, customer bigint NOT NULL"
    " CONSTRAINT to_customer REFERENCES old_shop.customer,"
    " total numeric DEFAULT 0 CHECK (total >= 0))",
    "CREATE INDEX by_state ON old_shop.ord (state)",
    "CREATE VIEW old_shop.open AS SELECT o.id, o.total, old_shop.rate(o.state) AS rate"
    " FROM old_shop.ord o WHERE o.state = 'nwe'",
    "CREATE FUNCTION old_shop.touch() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RETURN new; END $$",
    "CREATE TRIGGER touched BEFORE UPDATE OF total ON old_shop.ord FOR EACH ROW"
    " EXECUTE FUNCTION old_shop.touch()",
    "CREATE POLICY mine ON old_shop.ord USING (total > 0)",
    "CREATE SEQUENCE old_shop.numbers",
)
SEED = (
    "INSERT INTO old_shop.customer (mail) VALUES ('a@x'), ('b@x')",
    "INSERT INTO old_shop.ord (customer, total) VALUES (1, 5), (2, 7)",
)
WORDS = (
    ("old_shop", "shop"), ("'nwe'", "'new'"), ("has_sign", "mail_has_sign"), (".ord ", ".orders "),
    (".ord(", ".orders("), ("by_state", "orders_state"), ("to_customer", "orders_customer"),
    ("total", "amount"), ("touched", "orders_touched"), (".rate(", ".factor("),
    (".state", ".status"), ("o.status", "o.state"), ("mine", "own"), (".numbers", ".counter"),
    (".open ", ".open_orders "),
)  # fmt: skip
FILE = """
[schemas]
old_shop = "shop"
[types]
"old_shop.state" = "status"
[tables]
"old_shop.ord" = "shop.orders"
[views]
"old_shop.open" = "open_orders"
[functions]
"old_shop.rate(old_shop.state)" = "factor"
[sequences]
"old_shop.numbers" = "counter"
"old_shop.ord_id_seq" = "orders_id_seq"
[indexes]
"old_shop.by_state" = "orders_state"
[columns]
"old_shop.ord.total" = "amount"
[constraints]
"old_shop.ord.to_customer" = "orders_customer"
"old_shop.ord.ord_pkey" = "shop.orders.orders_pkey"
"old_shop.ord.ord_total_check" = "orders_amount_check"
"old_shop.mail.has_sign" = "mail_has_sign"
[triggers]
"old_shop.ord.touched" = "orders_touched"
[policies]
"old_shop.ord.mine" = "own"
[enum_values]
"old_shop.state.nwe" = "new"
"""


def new() -> tuple[str, ...]:
    """The old schema by its new names."""
    text = "\0".join(OLD)
    for was, now in WORDS:
        text = text.replace(was, now)
    return tuple(text.split("\0"))


@pytest.fixture
def pair(pg18: Server) -> Iterator[tuple[str, str]]:
    """URLs of two empty databases, source and target."""
    urls = pg18.create_database("rename_new"), pg18.create_database("rename_old")
    yield urls
    for url in urls:
        pg18.drop_database(url)


def asked(tmp_path: Path, text: str, **more: object) -> Options:
    """Options with a file of renames."""
    path = tmp_path / "renames.toml"
    path.write_text(text)
    given = {"drop": DropMode.DROP, "lock_timeout": 2.0, "retries": 3, **more}
    return Options(renames=renames.load(path), **given)  # type: ignore[arg-type]


def run(pair: tuple[str, str], options: Options) -> Report:
    """Migrate, which must end equal."""
    report = migrate(*pair, options, backup=False)
    assert [(r.step.id, r.message) for r in report.results if r.status is not Status.DONE] == []
    assert report.status == "equal"
    assert pgdump.unlike(*(pgdump.dump(url) for url in pair)) == []
    return report


def test_everything_that_can_be_renamed(pair: tuple[str, str], tmp_path: Path) -> None:
    source, target = pair
    do(source, *new())
    do(target, *OLD, *SEED)
    before = pgdump.dump(target)
    options = asked(tmp_path, FILE)
    planned = plan(source, target, options, proof=True)
    assert planned.message.startswith("proved"), planned.message
    report = run(pair, options)
    # PostgreSQL leaves the names of NOT NULL constraints and of a view's columns.
    others = [r.step.main.id for r in report.results if r.step.main.action != "rename"]
    assert sorted(i.name for i in others) == ["customer", "id", "open_orders", "state"]
    assert ask(target, "SELECT sum(amount) FROM shop.orders WHERE state = 'new'") == 12
    assert run(pair, options).results == ()
    do(target, "INSERT INTO shop.orders (customer, amount) VALUES (1, 1)")
    undone = rollback(target)
    assert {r.status for r in undone.results} == {Status.UNDONE}
    assert pgdump.unlike(before, pgdump.dump(target)) == []
    assert ask(target, "SELECT sum(total) FROM old_shop.ord") == 13


def test_what_else_differs_is_planned_by_the_new_names(
    pair: tuple[str, str], tmp_path: Path
) -> None:
    source, target = pair
    do(target, *OLD, *SEED)
    do(
        source, *(t.replace("amount numeric", "amount numeric(12, 2)") for t in new()),
        "ALTER TABLE shop.orders ADD COLUMN note text DEFAULT 'none' NOT NULL",
        "CREATE INDEX orders_amount ON shop.orders (amount)",
    )  # fmt: skip
    before = pgdump.dump(target)
    run(pair, asked(tmp_path, FILE))
    assert ask(target, "SELECT count(*) FROM shop.orders WHERE note = 'none'") == 2
    rollback(target)
    assert pgdump.unlike(before, pgdump.dump(target)) == []


def test_names_are_exchanged_and_handed_on(pair: tuple[str, str], tmp_path: Path) -> None:
    source, target = pair
    do(target, "CREATE TABLE a (x int, y text)", "CREATE TABLE b (z int)", "CREATE TABLE c (i int)",
       "INSERT INTO a VALUES (1, 'a')")  # fmt: skip
    do(source, "CREATE TABLE b (y int, x text)", "CREATE TABLE a (z int)", "CREATE TABLE d (i int)",
       "CREATE TABLE c (new int)")  # fmt: skip
    before = pgdump.dump(target)
    text = """
        [tables]
        "public.a" = "b"
        "public.b" = "a"
        "public.c" = "d"
        [columns]
        "public.a.x" = "y"
        "public.a.y" = "x"
    """
    options = asked(tmp_path, text)
    run(pair, options)
    assert ask(target, "SELECT x FROM b WHERE y = 1") == "a"
    assert run(pair, options).results == ()
    rollback(target)
    assert pgdump.unlike(before, pgdump.dump(target)) == []
    run(pair, options)


def test_tables_move_to_another_schema(pair: tuple[str, str], tmp_path: Path) -> None:
    source, target = pair
    do(target, "CREATE TABLE orders (id serial PRIMARY KEY)", "INSERT INTO orders DEFAULT VALUES",
       "CREATE TYPE state AS ENUM ('a')", "CREATE FUNCTION f() RETURNS int RETURN 1",
       "CREATE VIEW v AS SELECT id FROM orders", "CREATE TABLE shop_lines (s state)")  # fmt: skip
    do(source, "CREATE SCHEMA shop", "CREATE TABLE shop.sales (id serial PRIMARY KEY)",
       "ALTER SEQUENCE shop.sales_id_seq RENAME TO orders_id_seq",
       "ALTER INDEX shop.sales_pkey RENAME TO orders_pkey",
       "CREATE TYPE shop.state AS ENUM ('a', 'b')", "CREATE FUNCTION shop.g() RETURNS int RETURN 1",
       "CREATE VIEW shop.v AS SELECT sales.id FROM shop.sales",
       "CREATE TABLE shop_lines (s shop.state)")  # fmt: skip
    before = pgdump.dump(target)
    text = """
        [tables]
        "public.orders" = "shop.sales"
        [types]
        "public.state" = "shop.state"
        [functions]
        "public.f()" = "shop.g"
        [views]
        "public.v" = "shop.v"
    """
    run(pair, asked(tmp_path, text))
    assert ask(target, "SELECT count(*) FROM shop.sales") == 1
    assert run(pair, asked(tmp_path, text)).results == ()
    rollback(target)
    assert pgdump.unlike(before, pgdump.dump(target)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[tables]\n"public.nothing" = "b"', "the target has no table public.nothing"),
        ('[tables]\n"public.a" = "zzz"', "the source has no table public.zzz"),
        ('[tables]\n"public.a" = "other"', "the target has public.other already"),
        ('[tables]\n"public.a" = "a"', "changes nothing"),
        ('[tables]\n"public.a" = "b"\n"public.other" = "b"', "lead to the same name"),
        ('[tables]\na = "b"', "is not of the form"),
        ('[tabels]\n"public.a" = "b"', "nothing is renamed in 'tabels'"),
        ('[tables]\n"public.a" = "b"\n"public.a" = "c"', "is no TOML"),
        ('[tables]\n"public.a" = 3', "must lead to a name"),
        ('[columns]\n"public.a.x" = "public.other.x"', "it stays in public.a"),
        ('[columns]\n"public.a.xx" = "y"', "did you mean public.a.x?"),
    ],
)
def test_a_line_that_cannot_be_meant(
    pair: tuple[str, str], tmp_path: Path, text: str, message: str
) -> None:
    source, target = pair
    do(target, "CREATE TABLE a (x int)", "CREATE TABLE other (x int)")
    do(source, "CREATE TABLE b (x int)", "CREATE TABLE other (x int)")
    with pytest.raises(StagedError) as raised:
        migrate(source, target, asked(tmp_path, text), backup=False)
    assert message in str(raised.value)
    assert "renames.toml" in str(raised.value)


def test_a_plan_says_what_looks_like_a_rename(pair: tuple[str, str], tmp_path: Path) -> None:
    source, target = pair
    do(target, "CREATE TABLE customer (id int, mail text)",
       "CREATE TABLE t (a int, b text, c int)", "CREATE INDEX t_old ON t (c)",
       "CREATE TABLE x (i int)", "CREATE TABLE y (i int)")  # fmt: skip
    do(source, "CREATE TABLE customers (id int, mail text)",
       "CREATE TABLE t (a int, d text, c int)", "CREATE INDEX t_new ON t (c)",
       "CREATE TABLE z (i int)")  # fmt: skip
    for drop in DropMode:
        found = plan(source, target, Options(drop=drop), proof=False)
        assert found.facts["rename_hints"] == (
            'columns."public.t.b" = "public.t.d"',
            'indexes."public.t_old" = "public.t_new"',
            'tables."public.customer" = "public.customers"',
        )
    run(pair, asked(tmp_path, "\n".join([*found.facts["rename_hints"],
        'tables."public.x" = "z"'])))  # fmt: skip


def test_rows_of_what_is_renamed_are_filled_in_the_same_run(
    pair: tuple[str, str], tmp_path: Path
) -> None:
    source, target = pair
    do(
        target,
        "CREATE TABLE old_orders (id int PRIMARY KEY, remark text, total int)",
        "INSERT INTO old_orders SELECT n, nullif(mod(n, 2), 0), n FROM generate_series(1, 9) n",
    )
    wanted = "id int PRIMARY KEY, note text NOT NULL, total int, kind text NOT NULL"
    do(source, f"CREATE TABLE orders ({wanted})")
    text = """
        tables."public.old_orders" = "orders"
        columns."public.old_orders.remark" = "note"
    """
    filled = {"public.orders.note": "'order ' || id", "public.orders.kind": "coalesce(note, 'x')"}
    options = asked(tmp_path, text, backfills=filled)
    assert plan(source, target, options, proof=True).status == "planned"
    run(pair, options)
    assert ask(target, "SELECT count(*) FROM orders WHERE note = 'order ' || id") == 4
    do(source, "ALTER TABLE orders ADD more text NOT NULL")
    options = asked(tmp_path, text, backfills={"public.orders.more": "nonsense("})
    with pytest.raises(StagedError, match="is no expression"):
        migrate(source, target, options, backup=False)
