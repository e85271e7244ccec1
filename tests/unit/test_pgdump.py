"""The proof of parity levels what a migration need not keep, and nothing else."""

from __future__ import annotations

from tests import pgdump

DUMP = """--
-- PostgreSQL database dump
--

\\restrict {key}

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

--
-- Name: orders; Type: TABLE; Schema: public; Owner: shop
--

CREATE TABLE public.orders (
    {columns}
);


ALTER TABLE public.orders OWNER TO shop;

--
-- Name: TABLE orders; Type: COMMENT; Schema: public; Owner: shop
--

COMMENT ON TABLE public.orders IS 'Sales; of all shops';


--
-- Name: orders_idx; Type: INDEX; Schema: public; Owner: shop
--

CREATE INDEX orders_idx ON public.orders USING btree (id);


--
-- PostgreSQL database dump complete
--

\\unrestrict {key}
"""
COLUMNS = (
    "id bigint NOT NULL",
    "status text DEFAULT 'new, or so'::text",
    "price numeric(10,2)",
    "CONSTRAINT orders_check CHECK ((price > (0)::numeric))",
)


def dumped(*columns: str, key: str = "one") -> pgdump.Dump:
    return pgdump.entries(DUMP.format(key=key, columns=",\n    ".join(columns)))


def test_entries_are_found_by_schema_type_and_name() -> None:
    assert list(dumped(*COLUMNS)) == [
        ("public", "TABLE", "orders"),
        ("public", "COMMENT", "TABLE orders"),
        ("public", "INDEX", "orders_idx"),
    ]


def test_order_of_columns_and_random_keys_are_levelled() -> None:
    assert pgdump.unlike(dumped(*COLUMNS), dumped(*reversed(COLUMNS), key="two")) == []


def test_what_follows_the_order_of_columns_is_levelled() -> None:
    statistics = "CREATE STATISTICS public.s (mcv) ON {}, lower(c), (a + b) FROM public.t;"
    a_first, b_first = (pgdump.normalised(statistics.format(c)) for c in ("a, b", "b, a"))
    assert a_first == b_first
    assert pgdump.normalised(statistics.format("a")) != a_first
    one = "ALTER FOREIGN TABLE ONLY public.f ALTER COLUMN a OPTIONS (\n    c 'a;'\n);\n"
    two = "ALTER FOREIGN TABLE ONLY public.f ALTER COLUMN b SET STATISTICS 10;\n"
    assert pgdump.normalised(one + two) == pgdump.normalised(two + one)


def test_any_other_change_is_seen() -> None:
    whole = dumped(*COLUMNS)
    for position, column in enumerate(COLUMNS):
        changed = list(COLUMNS)
        changed[position] = column.replace("e", "ee", 1).replace("id", "ID")
        assert len(pgdump.unlike(whole, dumped(*changed))) == 1
        assert len(pgdump.unlike(whole, dumped(*COLUMNS[:position]))) == 1


def test_text_with_commas_and_parentheses_is_split_where_it_may_be() -> None:
    text = "a numeric(10,2), b text DEFAULT 'x, (y'::text, \"c,d\" integer[], CHECK ((a > 0))"

    assert [part.strip() for part in pgdump.split(text)] == [
        "a numeric(10,2)",
        "b text DEFAULT 'x, (y'::text",
        '"c,d" integer[]',
        "CHECK ((a > 0))",
    ]


def test_casts_that_move_when_a_definition_is_read_back_are_levelled() -> None:
    inside = "(ARRAY[('a'::character varying)::text, ('b''c'::character varying)::text])"
    outside = "((ARRAY['a'::character varying, 'b''c'::character varying])::text[])"

    assert pgdump.normalised(f"CHECK (x = ANY {inside})") == pgdump.normalised(
        f"CHECK (x = ANY ({outside[1:-1]}))"
    )


def test_what_is_expected_is_all_of_the_sources_and_what_only_the_target_had() -> None:
    source = {
        ("public", "TABLE", "a"): "new",
        ("public", "CONSTRAINT", "a a_key"): "constraint",
    }
    before = {
        ("public", "TABLE", "a"): "old",
        ("public", "TABLE", "own"): "own",
        ("public", "INDEX", "a_key"): "gives way to the constraint of its name",
    }

    assert pgdump.expected(source, before) == {**source, ("public", "TABLE", "own"): "own"}


def test_the_password_is_in_no_argument() -> None:
    found = pgdump.environment("postgresql://me:secret@host:5433/shop")

    assert (found["PGPASSWORD"], found["PGHOST"], found["PGPORT"]) == ("secret", "host", "5433")
