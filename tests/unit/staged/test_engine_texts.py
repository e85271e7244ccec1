"""What the engine says and recognises: masked queries, remedies, builds, locks taken first."""

from __future__ import annotations

import string

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weedgo.staged import builds, transact
from weedgo.staged.effort import Effort, phases_of
from weedgo.staged.lease import application
from weedgo.staged.model import (
    Action,
    Change,
    ObjectId,
    Options,
    Stage,
    Statement,
    Step,
)
from weedgo.staged.remedies import ending, remedy
from weedgo.staged.watch import Blocker, mask

A, B = ObjectId("table", "public", "a"), ObjectId("table", "public", "b")
texts = st.text(string.printable, max_size=40)


def step(*statements: Statement) -> Step:
    """A step of statements on table a."""
    change = Change(ObjectId("constraint", "public", "k", "a"), Action.CREATE, None, None)
    return Step("k", (change,), statements, (), Stage.CONSTRAINTS, Stage.CONSTRAINTS)


class TestMasking:
    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("SELECT * FROM t WHERE a = 'x' AND b = 12.5", "SELECT * FROM t WHERE a = ? AND b = ?"),
            ("SELECT 'it''s', /* by joe */ c2 -- mine", "SELECT ?, c2"),
            ("SELECT E'a\\'secret' || 'more'", "SELECT E?"),
            ("SELECT \"it's\", 'secret'", 'SELECT "it\'s", ?'),
            ("SELECT x -- don't\n, 'secret'", "SELECT x , ?"),
            ("SELECT $x$secret$x$, 1", "SELECT ?, ?"),
            ("SELECT 'cut off by the serv", "SELECT ?"),
            ('UPDATE "t 1" SET a = 1e6', 'UPDATE "t 1" SET a = ?'),
        ],
    )
    def test_literals_and_comments_go(self, query: str, shown: str) -> None:
        assert mask(query) == shown

    @given(texts.filter(lambda t: "secret" not in t.lower()), texts)
    def test_no_quoted_text_is_ever_shown(self, before: str, after: str) -> None:
        literal = "'secret" + after.replace("'", "''") + "'"
        query = before.replace("'", "").replace("$", "").replace('"', "") + literal
        assert "secret" not in mask(query, 1000)

    @given(st.text(max_size=300), st.integers(10, 100))
    def test_it_is_one_line_of_bounded_length(self, query: str, length: int) -> None:
        shown = mask(query, length)
        assert len(shown) <= length
        assert "\n" not in shown


class TestBuilds:
    @pytest.mark.parametrize(
        ("sql", "index"),
        [
            ("CREATE INDEX CONCURRENTLY i ON public.t USING btree (a)", ("public", "i")),
            ('create unique index concurrently "I ""x" on only "S".t (a)', ("S", 'I "x')),
            ("CREATE INDEX i ON public.t (a)", None),
            ("DROP INDEX CONCURRENTLY public.i", None),
        ],
    )
    def test_the_index_that_is_built(self, sql: str, index: tuple[str, str] | None) -> None:
        assert builds.built(Statement(sql)) == index

    def test_the_index_that_is_dropped(self) -> None:
        drop = Statement('DROP INDEX CONCURRENTLY IF EXISTS public."I"')
        assert builds.dropped(drop) == ("public", "I")
        assert builds.recognised(drop)
        assert not builds.recognised(Statement("VACUUM public.t"))

    def test_what_is_added_as_not_valid_can_be_taken_back(self) -> None:
        add = 'ALTER TABLE ONLY public.t ADD CONSTRAINT "K" CHECK ((a > 0)) NOT VALID'
        drop = 'ALTER TABLE "public"."t" DROP CONSTRAINT IF EXISTS "K"'
        assert builds.taking_back(Statement(add)) == drop
        assert builds.taking_back(Statement(add.removesuffix(" NOT VALID"))) == ""


class TestLocksFirst:
    options = Options()

    def first(self, *statements: Statement, families: transact.Families | None = None) -> list[str]:
        queries = transact.locks_first(self.options, statements, families or {})
        return [text for text, _ in queries if text.startswith("LOCK")]

    def test_one_table_locks_itself(self) -> None:
        assert self.first(Statement("x", "ACCESS EXCLUSIVE", A)) == []

    def test_several_are_locked_in_one_order_with_their_strongest_locks(self) -> None:
        assert self.first(
            Statement("x", "SHARE ROW EXCLUSIVE", B),
            Statement("y", "ACCESS EXCLUSIVE", A),
            Statement("z", "SHARE UPDATE EXCLUSIVE", B),
        ) == [
            'LOCK TABLE ONLY "public"."a" IN ACCESS EXCLUSIVE MODE',
            'LOCK TABLE ONLY "public"."b" IN SHARE ROW EXCLUSIVE MODE',
        ]

    def test_a_lock_is_not_made_stronger_on_the_way(self) -> None:
        assert self.first(
            Statement("x", "SHARE UPDATE EXCLUSIVE", A), Statement("y", "ACCESS EXCLUSIVE", A)
        ) == ['LOCK TABLE ONLY "public"."a" IN ACCESS EXCLUSIVE MODE']

    def test_partitions_are_locked_with_their_parent(self) -> None:
        families = {("public", "a"): [("public", "a_1")]}
        assert self.first(Statement("x", "ACCESS EXCLUSIVE", A), families=families) == [
            'LOCK TABLE ONLY "public"."a" IN ACCESS EXCLUSIVE MODE',
            'LOCK TABLE ONLY "public"."a_1" IN ACCESS EXCLUSIVE MODE',
        ]

    @pytest.mark.parametrize(
        ("lock", "count"),
        [("ACCESS SHARE", 1), ("SHARE UPDATE EXCLUSIVE", 5), ("SHARE", 5), ("ACCESS EXCLUSIVE", 8)],
    )
    def test_conflicts_are_those_of_the_manual(self, lock: str, count: int) -> None:
        found = transact.conflicting(lock)
        assert len(found) == count
        assert "AccessExclusiveLock" in found

    def test_conflicts_are_mutual(self) -> None:
        names = {lock: lock.title().replace(" ", "") + "Lock" for lock in transact.LOCKS}
        for a in transact.LOCKS:
            for b in transact.LOCKS:
                assert (names[b] in transact.conflicting(a)) == (
                    names[a] in transact.conflicting(b)
                )


class TestRemedies:
    @pytest.mark.parametrize(
        ("error", "sign"),
        [
            (psycopg.errors.DiskFull(), "free disk space"),
            (psycopg.errors.DuplicateTable(), "in the way"),
            (psycopg.errors.UndefinedFunction(), "create the missing function"),
            (psycopg.errors.InvalidTextRepresentation(), "cannot be converted"),
            (psycopg.errors.InternalError_(), "server's log"),
            (psycopg.Error(), "see the message"),
        ],
    )
    def test_each_sort_of_error_has_one(self, error: psycopg.Error, sign: str) -> None:
        assert sign in remedy(error, step())

    def test_a_missing_right_names_the_role(self) -> None:
        assert '"clerk"' in remedy(psycopg.errors.InsufficientPrivilege(), step(), "clerk")

    def test_rows_without_parents_are_found_by_a_query(self) -> None:
        add = "ALTER TABLE public.a ADD CONSTRAINT k FOREIGN KEY (x, y) REFERENCES public.b(p, q)"
        advice = remedy(psycopg.errors.ForeignKeyViolation(), step(Statement(add)))
        assert "p.p = c.x AND p.q = c.y" in advice
        assert "c.x IS NOT NULL AND c.y IS NOT NULL" in advice

    def test_a_condition_with_parentheses_in_quotes_is_whole(self) -> None:
        add = "ALTER TABLE public.a ADD CONSTRAINT k CHECK ((x <> ')') AND (y > 0)) NOT VALID"
        advice = remedy(psycopg.errors.CheckViolation(), step(Statement(add)))
        assert "WHERE NOT ((x <> ')') AND (y > 0));" in advice

    def test_sessions_in_the_way_can_be_ended(self) -> None:
        blocker = Blocker(7, "till", "joe", "active", 3, "SELECT ?")
        assert "pg_terminate_backend(7)" in ending([blocker])
        assert str(blocker) == "pid 7 (till, user joe), active for 3 s: SELECT ?"
        assert "pg_prepared_xacts" in str(Blocker(0, "", "", "", 0, ""))


def test_phases_are_groups_and_what_stands_alone_is_alone() -> None:
    alone = Statement("b", transactional=False)
    statements = (Statement("a"), alone, alone, Statement("c", phase=1), Statement("d", phase=1))
    assert [[s.sql for s in p] for p in phases_of(step(*statements))] == [
        ["a"], ["b"], ["b"], ["c", "d"],
    ]  # fmt: skip


def test_a_step_gives_up_when_its_time_or_its_retries_are_spent() -> None:
    assert not Effort(step(), Options(retries=0)).again(0.0)
    assert not Effort(step(), Options(wait_timeout=1.0)).again(1.0)


def test_the_application_name_is_not_cut_by_the_server() -> None:
    assert len(application("20261123-1405-abcd" + "x" * 60).encode()) <= 63
