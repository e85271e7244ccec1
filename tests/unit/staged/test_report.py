"""What the reports tell of runs that were built by hand."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests import json_schema
from tests.unit.staged import built
from weedgo.staged import report
from weedgo.staged.model import (
    Difference,
    DropMode,
    Finding,
    ObjectId,
    Options,
    Plan,
    Result,
    Stage,
    StagedError,
    Statement,
    Status,
)
from weedgo.staged.report import comparison, document, outcome, pages, script, words

SEED = (
    "schema_comparison_report.txt",
    "schema_differences.json",
    "schema_migration.sql",
    "MIGRATION_REPORT.md",
    "FINAL_SUMMARY.md",
    "report.html",
    "run_all.sql",
    "plan.json",
    "result.json",
)
REPORTS = {
    "incomplete": built.INCOMPLETE,
    "planned": built.PLANNED,
    "equal": built.EQUAL,
    "empty": built.EMPTY,
    "error": built.FAILURE,
}


def sql_lines(text: str) -> list[str]:
    """The lines of a script that psql acts on."""
    return [line for line in text.splitlines() if line and not line.startswith("--")]


def body(text: str) -> list[str]:
    """The lines of a script that psql acts on, after those that set the session up."""
    lines = sql_lines(text)
    last = max((n for n, line in enumerate(lines) if line == "$function$;"), default=6)
    return [line for line in lines[last + 1 :] if "gset" not in line and line[0] != "\\"]


# --- files ------------------------------------------------------------------


def test_writes_every_file_that_is_promised(tmp_path: Path) -> None:
    files = report.write(built.INCOMPLETE, tmp_path, difference=built.DIFFERENCE)
    names = {Path(name).name for name in files}
    assert set(SEED) <= names
    assert {stage.file for stage in Stage} <= names
    assert names == {path.name for path in tmp_path.iterdir()}
    assert "VALIDATION_REPORT.md" not in names


def test_writes_the_validation_report_when_there_are_findings(tmp_path: Path) -> None:
    findings = [
        Finding("exists", "table a", holds=True),
        Finding("valid", "index b", False, "torn"),
    ]
    files = report.write(built.EQUAL, tmp_path, findings=findings)
    text = (tmp_path / "VALIDATION_REPORT.md").read_text()
    assert str(tmp_path / "VALIDATION_REPORT.md") in files
    assert "1 of 2 checks hold (50.0 %)" in text
    assert "torn" in text.split("## Every check")[0]


def test_names_the_backup_among_the_files(tmp_path: Path) -> None:
    backup = tmp_path / "backup.sql"
    files = report.write(built.EQUAL, tmp_path, backup=backup)
    assert str(backup) in files
    assert str(backup) in json.loads((tmp_path / "result.json").read_text())["files"]


def test_makes_the_folder_and_writes_over_what_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "one"
    report.write(built.PLANNED, folder)
    report.write(built.INCOMPLETE, folder)
    assert json.loads((folder / "result.json").read_text())["status"] == "incomplete"
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StagedError, match=r"Cannot write to .*file/run: .*--output") as error:
        report.prepare(tmp_path / "file" / "run")
    assert "\n" not in str(error.value)


def test_two_plans_of_a_difference_give_the_same_bytes(tmp_path: Path) -> None:
    later = replace(built.PLANNED, run="20270102T030405", seconds=99.0)
    report.write(built.PLANNED, tmp_path / "a", difference=built.DIFFERENCE)
    report.write(later, tmp_path / "b", difference=built.DIFFERENCE)
    same = [
        *(p.name for p in (tmp_path / "a").glob("*.sql")),
        "plan.json",
        "schema_differences.json",
    ]
    for name in same:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


@pytest.mark.parametrize("kind", REPORTS)
def test_no_file_holds_a_password(tmp_path: Path, kind: str) -> None:
    report.write(REPORTS[kind], tmp_path, difference=built.DIFFERENCE)
    for path in tmp_path.iterdir():
        text = path.read_text()
        assert "s3cret" not in text, path.name
        assert "hunter2" not in text, path.name


# --- SQL --------------------------------------------------------------------


def test_every_stage_has_a_file_and_an_empty_one_says_so() -> None:
    text = script.stage_file(built.PLAN, Stage.TRIGGERS, Options())
    assert "Nothing to do" in text
    assert sql_lines(text) == []


def test_a_stage_file_sets_up_its_session() -> None:
    text = script.stage_file(built.PLAN, Stage.SEQUENCES, Options(lock_timeout=1.5))
    assert sql_lines(text)[0] == "\\set ON_ERROR_STOP on"
    for setting in ("check_function_bodies = off", "lock_timeout = '1500ms'"):
        assert f"SET {setting};" in text


def test_statements_of_a_phase_share_a_transaction() -> None:
    text = script.stage_file(Plan("", "", (built.CHECK,)), Stage.CONSTRAINTS, Options())
    first = [line.split(" ")[0].rstrip(";") for line in body(text)]
    assert first == ["BEGIN", "ALTER", "COMMENT", "COMMIT", "ALTER"]


def test_concurrent_builds_run_alone_and_wait_without_a_timeout() -> None:
    text = script.whole_file(Plan("", "", (built.INDEX, built.INDEX, built.COLUMN)), Options())
    before, build, again, after, column = body(text)
    assert before == "SET lock_timeout = 0;"
    assert build.startswith("CREATE INDEX CONCURRENTLY")
    assert again == build
    assert after == "SET lock_timeout = '2000ms';"
    assert column.startswith("ALTER TABLE")


def test_a_step_that_is_left_out_leaves_the_timeout_right() -> None:
    build = replace(built.INDEX.statements[0], sql="CREATE UNIQUE INDEX CONCURRENTLY u ON x (y)")
    adopt = replace(
        built.CHECK.statements[0], phase=1, sql="ALTER TABLE x ADD UNIQUE USING INDEX u"
    )
    unique = replace(built.CHECK, statements=(build, adopt))
    lines = sql_lines(script.whole_file(Plan("", "", (unique, built.COLUMN)), Options()))
    end = lines.index("\\endif")
    assert lines[end + 1] == "SET lock_timeout = '2000ms';"


def test_a_step_is_left_out_where_what_it_makes_stands() -> None:
    lines = sql_lines(script.whole_file(Plan("", "", (built.COLUMN, built.ROLE)), Options()))
    start = lines.index(
        "SELECT pg_temp.missing('table column', '{public,orders,note}', false) AS todo \\gset"
    )
    assert lines[start + 1] == "\\if :todo"
    assert lines[start + 3] == "\\endif"
    assert (
        "SELECT pg_temp.of_another_type('{public,users,role}', 'public.user_role') AS todo \\gset"
        in lines
    )


def test_a_step_is_introduced_by_comments() -> None:
    text = script.stage_file(built.PLAN, Stage.COLUMNS, Options())
    for line in (
        "-- alter column public.users.role",
        "-- Locks: public.users, ACCESS EXCLUSIVE",
        "-- Hazard: rewrites the table under a lock",
        "-- No undo: values of the enum would have to be text again",
    ):
        assert line in text.splitlines()


def test_a_name_cannot_break_out_of_its_comment() -> None:
    hostile = replace(built.create("table", "x\nDROP TABLE y;\r\u2028\\! id"), before=None)
    step = built.step(hostile, Stage.TABLES, Statement("SELECT 1"), because="a\nDROP TABLE z")
    lines = list(script.introduction(step))
    assert all(line.startswith("--") and line == words.line(line) for line in lines)


@pytest.mark.parametrize(
    ("statement", "ended"),
    [
        ("SELECT 1", "SELECT 1;"),
        ("SELECT 1;", "SELECT 1;"),
        ("SELECT 1 -- one", "SELECT 1 -- one\n;"),
        ("SELECT 1; -- one", "SELECT 1; -- one\n;"),
    ],
)
def test_statements_end_with_a_semicolon_that_counts(statement: str, ended: str) -> None:
    step = built.step(built.create("view", "v"), Stage.VIEWS, Statement(statement))
    assert ended in script.stage_file(Plan("", "", (step,)), Stage.VIEWS, Options())


def test_what_is_refused_has_no_statement() -> None:
    text = script.stage_file(built.PLAN, Stage.TABLES, Options())
    assert "-- Refused: PostgreSQL 15 has no virtual columns" in text
    assert body(text) == []


def test_the_whole_file_holds_every_statement_in_order() -> None:
    text = script.whole_file(built.PLAN, Options())
    places = [text.index(s.sql.rstrip(";")) for step in built.STEPS for s in step.statements]
    assert places == sorted(places)


def test_run_all_includes_the_stages_in_their_order() -> None:
    included = re.findall(r"^\\ir (\S+)$", script.run_all_file(built.PLAN), re.MULTILINE)
    assert included == [stage.file for stage in Stage]


def test_the_undo_file_goes_backwards_and_names_what_cannot_be() -> None:
    text = script.undo_file(built.PLAN, Options())
    assert text.index("DROP INDEX") < text.index("DROP COLUMN") < text.index("DROP SEQUENCE")
    assert "-- No undo: values of the enum" in text


# --- documents --------------------------------------------------------------


@pytest.mark.parametrize("kind", REPORTS)
def test_results_have_the_stated_form(kind: str) -> None:
    text = document.text(document.result(REPORTS[kind]))
    assert json_schema.problems(json.loads(text), "result") == []


@pytest.mark.parametrize("status", [2, 130])
def test_failures_have_the_stated_form(status: int) -> None:
    found = document.failure("no", source=built.SOURCE, exit=status)
    assert json_schema.problems(found, "result") == []
    assert found["status"] == "error"
    assert found["exit"] == status


def test_plans_have_the_stated_form() -> None:
    text = document.text(document.plan(built.PLAN))
    assert json_schema.problems(json.loads(text), "plan") == []


@pytest.mark.parametrize("difference", [built.DIFFERENCE, Difference((), 3)])
def test_differences_have_the_stated_form(difference: Difference) -> None:
    found = document.differences(difference, built.SOURCE, built.TARGET)
    assert json_schema.problems(json.loads(document.text(found)), "differences") == []


def test_the_check_of_forms_finds_what_is_wrong() -> None:
    found = document.result(built.INCOMPLETE)
    wrong = found | {"status": "fine", "extra": 1, "seconds": -1, "objects": [{"kind": 1}]}
    del wrong["counts"]
    told = " ".join(json_schema.problems(wrong, "result"))
    for part in ("$.status", "extra", "$.seconds", "$.objects[0]", "$: 'counts' is a required"):
        assert part in told


def test_every_object_has_its_outcome() -> None:
    objects = {o["step"]: o for o in document.result(built.INCOMPLETE)["objects"]}
    failed = objects[built.CHECK.id]
    assert (failed["status"], failed["sqlstate"], failed["stage"]) == ("failed", "23514", 8)
    assert failed["remedy"].startswith("mend the rows")
    assert objects[built.FOREIGN.id]["status"] == "waiting"


@pytest.mark.parametrize(
    ("status", "exit"),
    [("equal", 0), ("planned", 0), ("incomplete", 1), ("refused", 1), ("error", 2)],
)
def test_the_document_names_the_exit_status(status: str, exit: int) -> None:
    assert document.result(replace(built.INCOMPLETE, status=status))["exit"] == exit


def test_a_difference_says_which_attributes_differ_on_which_side() -> None:
    found = document.differences(built.DIFFERENCE, built.SOURCE, built.TARGET)
    role = next(o for o in found["objects"] if o["name"] == "role")
    assert role["where"] == "both"
    assert role["attributes"] == [
        {"name": "type", "source": "public.user_role", "target": "character varying(20)"}
    ]
    assert found["counts"]["table"] == {"source": 1, "target": 1, "both": 0}
    assert found["exit"] == 1


def test_what_is_not_modelled_is_never_called_equal() -> None:
    found = replace(Difference((), 3), unmodelled=built.DIFFERENCE.unmodelled)
    assert document.differences(found, "", "")["exit"] == 1
    assert comparison.verdict(found).startswith("Different")


# --- words for people -------------------------------------------------------


def test_the_comparison_lists_each_side_by_kind() -> None:
    text = comparison.report(built.DIFFERENCE, built.SOURCE, built.TARGET)
    source, rest = text.split("Only in the target (1)")
    assert "public.tickets_id_seq" in source
    assert "public.geo_zones" in rest
    assert "type: source public.user_role, target character varying(20)" in rest
    assert "operator class  public.by_phase_of_moon" in rest
    assert "public.old_view" in rest


def test_an_equal_comparison_says_so() -> None:
    text = comparison.report(Difference((), 1234), "a", "b")
    assert text.rstrip().endswith("Equal: 1,234 objects alike.")


def test_the_migration_report_answers_a_change_request() -> None:
    text = pages.migration(built.INCOMPLETE, Options())
    for part in (
        "SQLSTATE 23514",
        "Remedy: mend the rows",
        "| `public.orders` | 117.7 MB | ACCESS EXCLUSIVE | 4 | reading the table, under",
        "rewriting the table, under ACCESS EXCLUSIVE",
        "rewrites the table under a lock",
        "values of the enum would have to be text again",
        "waits for stage 5: needs function public.f()",
        "rollback_staged 20260102T030405",
        'psql "$TARGET" -f run_all.sql',
        "type: character varying(20) → public.user_role",
        "`public.geo_zones`",
        "not modelled: operator class `public.by_phase_of_moon`",
    ):
        assert part in text, part


def test_a_plan_is_reported_as_one() -> None:
    text = pages.migration(built.PLANNED, Options())
    assert "Planned: 8 steps for 8 objects. Nothing was changed." in text
    assert "| planned |" in text


def test_tables_survive_what_names_and_messages_hold() -> None:
    rows = words.markdown_table(("a",), [["x | y\nz"]])
    assert rows[-1] == "| x \\| y z |"
    assert words.code("a`b") == "``a`b``"


@pytest.mark.parametrize("kind", REPORTS)
def test_the_summary_fits_eighty_columns(kind: str) -> None:
    lines = report.summary(REPORTS[kind])
    assert [line for line in lines if len(line) > 80 and "manage.py" not in line] == []


def test_the_summary_tells_what_failed_why_and_what_mends_it() -> None:
    text = "\n".join(report.summary(built.INCOMPLETE, again="python manage.py migrate_staged --x"))
    for part in (
        "Not finished: 3 objects not done, 5 objects done.",
        "Failed (1)",
        "constraint public.orders.orders_total_check  [23514]",
        "fix  mend the rows",
        "Refused (1)",
        "Waiting for what is not done (1)",
        "  python manage.py migrate_staged --x",
        "Storage: 2.4 MB of new tables, 512 B of new indexes.",
    ):
        assert part in text, part


def test_a_run_with_nothing_to_do_says_so() -> None:
    assert "Nothing to do" in "\n".join(report.summary(built.EMPTY))


@pytest.mark.parametrize(("run", "what"), [(built.EQUAL, "Done: 1"), (built.EMPTY, "Nothing to")])
def test_what_no_run_would_change_is_named_and_not_tried_again(run, what) -> None:
    parity = replace(built.INCOMPLETE.parity, different=())
    lines = report.summary(replace(run, status="incomplete", parity=parity))
    told = next(line for line in lines if "by hand" in line)
    assert told.startswith(what)
    assert "operator class public.by_phase_of_moon" in told
    assert "Then run again:" not in lines


def test_many_that_wait_for_one_are_told_once() -> None:
    waiting = [
        Result(
            built.step(built.create("index", f"i{n}"), Stage.INDEXES),
            Status.WAITING,
            message="needs table public.t, which failed",
        )
        for n in range(300)
    ]
    lines = report.summary(replace(built.INCOMPLETE, results=tuple(waiting), counts={}))
    assert "  index public.i0 and 299 more" in lines
    assert len(lines) < 20


def test_the_command_that_runs_it_again_keeps_what_was_asked() -> None:
    options = Options(
        schemas=("shop",),
        excludes=("shop.tmp_*",),
        owners=False,
        role_map={"old": "new"},
        stages=(Stage.TABLES, Stage.COLUMNS, Stage.INDEXES),
        drop=DropMode.DROP,
    )
    command = outcome.command(built.INCOMPLETE, options)
    for part in (
        "--source postgresql://legacy@old:5432/shop",
        "--schema shop",
        "--exclude 'shop.tmp_*'",
        "--no-owner",
        "--role-map old=new",
        "--drop drop",
    ):
        assert part in command


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (0.0124, "12 ms"),
        (2, "2 s"),
        (3.44, "3.4 s"),
        (59.97, "1 min"),
        (125, "2 min 5 s"),
        (7260, "2 h 1 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0 B"), (999, "999 B"), (1536, "1.5 kB"), (2 << 40, "2.0 TB"), (-2560, "-2.5 kB")],
)
def test_sizes(amount: float, text: str) -> None:
    assert words.size(amount) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("postgresql://u:p%40ss@h/d", "postgresql://u@h/d"),
        ("postgresql://h/d?user=u&password=pw&x=1", "postgresql://h/d?user=u&password=***&x=1"),
        ("host=h password='a b' user=u", "host=h password=*** user=u"),
        ("postgresql://u:a/b@c@h/d is wrong", "postgresql://u@h/d is wrong"),
        ("postgresql://h:5432/d?x=a@b", "postgresql://h:5432/d?x=a@b"),
        ("no secret here: 12:30@noon", "no secret here: 12:30@noon"),
    ],
)
def test_passwords_are_never_shown(text: str, safe: str) -> None:
    assert words.redact(text) == safe


def test_long_texts_are_cut_in_the_middle() -> None:
    assert words.short("abcdefghij", 5) == "ab…ij"
    assert words.short("abc", 5) == "abc"


def test_an_identity_names_the_kind_that_a_fact_is_about() -> None:
    assert words.kind(ObjectId("comment", "public", "a", "t", "column")) == "comment of column"


def test_the_folder_is_that_of_the_whole_run() -> None:
    inner = "var/runs/x/before auth.0011/plan.json"
    found = replace(built.INCOMPLETE, files=(inner, "var/runs/x/plan.json"))
    assert "  var/runs/x/" in report.summary(found)
