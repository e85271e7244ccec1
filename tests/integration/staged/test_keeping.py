"""What only the target has stays and still works, or the plan says why it cannot."""

from __future__ import annotations

import uuid

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.integration.staged import both, made
from weedgo.staged.model import Options, Status
from weedgo.staged.run import plan

OLD = """
CREATE TABLE t (id int PRIMARY KEY, code varchar(10), note text);
CREATE VIEW kept AS SELECT id, lower(note) AS note FROM t;
CREATE VIEW other AS SELECT code FROM t;
"""
NEW = "CREATE TABLE t (id int PRIMARY KEY, code text, note int, more text)"


def _refused(report) -> dict[str, str]:
    return {r.step.id: r.message for r in report.results if r.status is Status.REFUSED}


def test_the_plan_says_what_would_not_stand_and_the_run_does_the_rest(pg18, database):
    pair = both.pair(pg18, database, OLD, NEW)
    pair.do("INSERT INTO t VALUES (1, 'a', '7')")
    foreseen = _refused(plan(pair.source, pair.target, Options(), proof=False))
    assert list(foreseen) == ["alter column public.t.note"]
    (why,) = foreseen.values()
    assert "view public.kept, which only the target has, would not stand the change" in why
    assert "42883 function lower(integer) does not exist; change or drop it first" in why
    report = pair.migrate()
    assert _refused(report) == foreseen
    assert (report.status, report.exit) == ("refused", 1)
    assert pair.ask("SELECT note FROM kept") == "7"
    assert pair.ask("SELECT pg_typeof(code)::text FROM other") == "text"
    again = pair.migrate()
    assert [r.status for r in again.results] == [Status.REFUSED]


def test_the_proof_leaves_out_what_the_plan_refuses(pg18, database):
    pair = both.pair(pg18, database, OLD, NEW)
    assert plan(pair.source, pair.target, Options(), proof=True).status == "planned"


def test_a_kept_function_takes_no_calls_from_one_of_any_type(pg18, database):
    made_for_any = "CREATE FUNCTION f(anyelement) RETURNS int LANGUAGE sql AS 'SELECT 1';"
    old = "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 2'"
    pair = both.pair(pg18, database, old, made_for_any + "CREATE VIEW v AS SELECT f(5)")
    report = plan(pair.source, pair.target, Options(), proof=False)
    (why,) = _refused(report).values()
    assert "view public.v would call function public.f(integer), which only the target has" in why


def test_without_a_scratch_database_the_step_fails_and_changes_nothing(pg18, database):
    pair = both.pair(pg18, database, OLD, NEW)
    role = f"plain_{uuid.uuid4().hex[:8]}"
    made.do(pg18.url, f"CREATE ROLE {role} LOGIN")
    pair.do(
        f'ALTER DATABASE "{conninfo_to_dict(pair.target)["dbname"]}" OWNER TO {role}',
        f"ALTER SCHEMA public OWNER TO {role}",
        *(f"ALTER TABLE {table} OWNER TO {role}" for table in ("t", "kept", "other")),
    )
    mine = both.Pair(pair.source, make_conninfo(pair.target, user=role))
    try:
        report = mine.migrate(owners=False, privileges=False)
        failed = [r for r in report.results if r.status is Status.FAILED]
        assert [(r.step.id, r.sqlstate) for r in failed] == [
            ("alter column public.t.note", "42883")
        ]
        assert pair.ask("SELECT count(*) FROM kept") == 0
    finally:
        for url in (pair.target, pg18.url):
            made.do(url, f"REASSIGN OWNED BY {role} TO postgres", f"DROP OWNED BY {role}")
        made.do(pg18.url, f"DROP ROLE {role}")
