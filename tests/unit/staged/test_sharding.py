"""What a Citus cluster refuses, known from the text of a plan's statements."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.staged.built import step
from weedgo.staged import sharding
from weedgo.staged.model import (
    Action,
    Catalog,
    Change,
    Object,
    ObjectId,
    Stage,
    Statement,
    Step,
)

TABLE = ObjectId("table", "elm", 'or"ders')
SEQUENCE = ObjectId("sequence", "elm", "numbers")
NUMBER = ObjectId("default", "elm", "number", "orders", "column")
WANTED = Catalog({}, 150020, lambda: {NUMBER: frozenset({SEQUENCE})})
STANDING = replace(WANTED, sharded=frozenset({"elm"}))
REFUSED = {
    'ALTER TABLE "elm"."orders" ADD COLUMN "n" bigint GENERATED ALWAYS AS IDENTITY': "identity",
    'ALTER TABLE ONLY "elm"."orders" ALTER COLUMN "n" SET STATISTICS 100': "statistics",
    'ALTER TABLE "elm"."orders" ALTER COLUMN "n" SET GENERATED ALWAYS': "identity",
    'ALTER TABLE "elm"."orders" CLUSTER ON "i"': "CLUSTER",
    'ALTER TABLE "elm"."orders" NO INHERIT "elm"."all"': "inheritance",
    'ALTER SEQUENCE "elm"."numbers" OWNED BY NONE': "sequence",
    'ALTER TABLE "elm"."orders" ALTER COLUMN "number" TYPE integer': "sequence",
    'ALTER TABLE "elm"."orders" ADD CONSTRAINT "k" FOREIGN KEY (a) REFERENCES public."to""ns"(id)'
    " NOT VALID": "create_reference_table('public.to\"ns')",
    'CREATE POLICY "p" ON "elm"."orders" USING ((EXISTS ( SELECT 1\n FROM elm.a)))': "policy",
    'ALTER TABLE "elm"."orders" RENAME CONSTRAINT "a" TO "b"': "renames",
}
TAKEN = (
    'ALTER TABLE "elm"."orders" ADD COLUMN "n" text DEFAULT \'GENERATED ALWAYS AS IDENTITY\'',
    'ALTER TABLE "elm"."orders" ALTER COLUMN "identity" SET DEFAULT 5',
    'ALTER TABLE "elm"."orders" ALTER COLUMN "other" TYPE integer',
    'ALTER TABLE "elm"."orders" ADD CONSTRAINT "k" FOREIGN KEY (a) REFERENCES elm.towns(id)',
    'ALTER SEQUENCE "elm"."free" INCREMENT BY 5',
    'ALTER SEQUENCE "elm"."numbers" RENAME TO "n"',
    'CREATE POLICY "p" ON "elm"."orders" USING ((id > 0))',
    'ALTER TABLE "elm"."orders" SET (fillfactor=70)',
)


def of(kind: str, name: str, *texts: str, **attrs: Any) -> Step:
    id = ObjectId(kind, "elm", name, 'or"ders')
    before, after = Object(id._replace(name="old"), attrs), Object(id, attrs)
    change = Change(id, Action.ALTER, before, after)
    return step(change, Stage.CONSTRAINTS, *(Statement(text) for text in texts),
                undo=(Statement("SELECT 1"),))  # fmt: skip


def known(one: Step, standing: Catalog = STANDING) -> Step:
    (done,) = sharding.known([one], WANTED, standing)
    return done


@pytest.mark.parametrize("text", REFUSED)
def test_a_refusal_says_what_and_what_to_do(text):
    done = known(of("column", "n", text))
    assert done.refusal.startswith("Citus ")
    assert REFUSED[text] in done.refusal
    assert ": " in done.refusal
    assert done.undo == ()
    back = replace(of("column", "n", "SELECT 1"), undo=(Statement(text),))
    assert (known(back).refusal, known(back).undo) == ("", ())
    assert known(back).no_undo == done.refusal


@pytest.mark.parametrize("text", TAKEN)
def test_what_citus_takes_is_left_as_it_is(text):
    one = of("column", "n", text)
    assert known(one) == one


@pytest.mark.parametrize("text", REFUSED)
def test_elsewhere_nothing_is_refused(text):
    one = of("column", "n", text)
    assert known(one, WANTED) == one


def texts(one: Step) -> list[tuple[int, str]]:
    return [(s.phase, s.sql) for s in one.statements]


RENAME = 'ALTER TABLE "elm"."or""ders" RENAME CONSTRAINT "old" TO "new"'


@pytest.mark.parametrize("type", ["p", "u", "x"])
def test_a_key_is_renamed_by_its_index(type):
    done = known(of("constraint", "new", RENAME, type=type, validated=True))
    assert texts(done) == [(0, 'ALTER INDEX "elm"."old" RENAME TO "new"')]


@pytest.mark.parametrize("validated", [True, False])
def test_a_check_is_made_under_the_new_name_and_looked_at_after(validated):
    attrs = {"type": "c", "validated": validated, "definition": "CHECK (n > 0)"}
    done = known(of("constraint", "new", RENAME, "SELECT 2", **attrs))
    table = 'ALTER TABLE "elm"."or""ders"'
    last = [(1, f'{table} VALIDATE CONSTRAINT "new"')] if validated else []
    assert texts(done) == [
        (0, f'{table} DROP CONSTRAINT "old"'),
        (0, f'{table} ADD CONSTRAINT "new" CHECK (n > 0) NOT VALID'),
        (0, "SELECT 2"),
        *last,
    ]


def test_a_deferral_is_made_with_the_key():
    text = 'ALTER TABLE "elm"."or""ders" ALTER CONSTRAINT "new" DEFERRABLE'
    attrs = {"type": "f", "validated": True,
             "definition": "FOREIGN KEY (a) REFERENCES elm.b(id) DEFERRABLE"}  # fmt: skip
    done = known(of("constraint", "new", text, **attrs))
    assert [phase for phase, _ in texts(done)] == [0, 0, 1]
    assert texts(done)[1][1].endswith("REFERENCES elm.b(id) DEFERRABLE NOT VALID")
