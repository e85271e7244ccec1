"""Every pair of schemas there and back again, on servers that can hold it.

What the embedded servers lack (ICU, contrib) and what older servers cannot say is skipped by name.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
import pytest

from tests.cases import harness
from tests.servers import Server

# What is refused by design: rows are in the way, and none is lost for a schema.
REFUSED = {
    "060-set_not_null_with_nulls_backfill_default": "1 rows hold NULL",
    "061-add_not_null_col_no_default_nonempty": "holds 1 rows",
    "179-values_that_do_not_fit": "do not fit",
    "218-rows_in_the_way_of_what_is_new": "conflict with others",
    "414-references_to_a_table_that_is_new": "which is new, does not have",
    "413-labels_within_other_values_that_go": "1 rows of public.u hold values in c",
}
# The same with values for those rows.
FILLED = {
    "060-set_not_null_with_nulls_backfill_default": {"public.t.a": "'filled'"},
    "061-add_not_null_col_no_default_nonempty": {"public.t.n": "id * 2"},
}
# Steps whose undo rows of then would forbid: the plan says so, and why.
FINAL = {
    "440-columns_and_tables_go_whose_values_a_rollback_would_need": {
        "drop column public.plain.a": "mandatory and has no default, but public.plain holds rows",
        "drop column public.typed.d": "mandatory and has no default, but public.typed holds rows",
        "drop column public.keyed.code": '1 values of ("code") would stand more than once',
        "drop column public.keyed.k": "2 rows of public.keyed would violate",
        "drop column public.partly.q": "1 values of (q) would stand more than once",
        "drop column public.itself.k": '1 values of ("k") would stand more than once',
        "drop constraint public.itself.itself_parent_fkey": "1 rows of public.itself refer to rows",
        "drop constraint public.left_over.left_over_gone_fkey": "public.gone would not have",
    }
}
# What only the target has, and keeps, is in the way of what the source wants.
_IN_THE_WAY = {
    "153-partition_strategies": 'partition "h1a" would overlap partition "h1"',
    "385-not_null_of_partitions_stays_when_that_of_their_whole_goes": "mandatory by it",
    "227-column_left_to_an_heir": "column public.base.n, which only the target has, would not",
    "250-key_moves_to_a_column_that_takes_a_name_pg18": "has the name seats_crew_not_null that the",
    "480-serial_turns_identity_as_its_table_is_partitioned": "would lead to no key any more",
    "489-names_and_keys_that_only_the_target_has": "which only the target has, has its name",
    "500-overload_of_a_kept_function_with_defaults": "calls could mean function public.fee",
    "501-values_go_that_kept_functions_and_views_name": "names the value gone of public.st",
    "503-partition_of_a_value_that_goes": "names the value c of public.st, which goes",
    "504-column_turns_into_what_no_reader_takes": "42883 function lower(integer) does not exist",
    "507-partitions_merge_that_views_read": "needs column public.ev_1.k, which goes",
    "509-default_writes_rows_of_a_table_with_a_column_more": "column public.cfg.w, which only",
}
_NOT_ON_18 = {
    "075-collation_obj",
    "086-fdw_foreign_table",
    "136-extensions_and_columns_of_their_types",
    "145-extension_moves_with_columns_of_its_types",
    "538-extensions_move_with_all_that_uses_them",
}
# What the newest releases of PostgreSQL refuse beside expressions of a table's row type.
_STRICT = {
    "606-columns_change_beside_expressions_of_their_rows",
    "607-domains_in_rows_that_are_values",
}
_ABSENT = (psycopg.errors.FeatureNotSupported, psycopg.errors.SyntaxError)


def _run(case: str, server: Server, *, back: bool = False) -> harness.Outcome:
    old, new, seed = (harness.read(case, f"{name}.sql") for name in ("old", "new", "seed"))
    try:
        if back:
            return harness.run(server, server, new, old, undo=False)
        return harness.run(server, server, old, new, seed)
    except _ABSENT as error:
        pytest.skip(f"PostgreSQL {server.version} cannot hold it: {error}")


def _check(case: str, outcome: harness.Outcome) -> None:
    assert not outcome.problems, "\n".join(outcome.problems)
    if case in REFUSED:
        assert REFUSED[case] in " ".join(outcome.refused)
    else:
        assert not outcome.refused
    final = {r.step.id: r.step.no_undo for r in outcome.report.results if r.step.no_undo}
    if case in FINAL:
        assert final.keys() == FINAL[case].keys()
        assert all(why in final[step] for step, why in FINAL[case].items())


def _some(step: int, cases: Sequence[str] | None = None) -> list[object]:
    """Every case, or those given, of which all but some are for the long form."""
    return [
        case
        if place % step == 0 or case in _NOT_ON_18 | _STRICT
        else pytest.param(case, marks=pytest.mark.soak)
        for place, case in enumerate(cases or harness.names())
    ]


@pytest.mark.parametrize("case", _some(7))
def test_forwards(case: str, pg18: Server) -> None:
    _check(case, _run(case, pg18))


@pytest.mark.parametrize("case", FILLED)
def test_filled_forwards(case: str, pg18: Server) -> None:
    old, new, seed = (harness.read(case, f"{name}.sql") for name in ("old", "new", "seed"))
    outcome = harness.run(pg18, pg18, old, new, seed, backfills=FILLED[case])
    assert not outcome.problems, "\n".join(outcome.problems)
    assert not outcome.refused


# Forwards each is rolled back, too.
@pytest.mark.parametrize("case", _some(15))
def test_backwards(case: str, pg18: Server) -> None:
    outcome = _run(case, pg18, back=True)
    assert not outcome.problems, "\n".join(outcome.problems)
    assert not outcome.refused


@pytest.mark.parametrize(
    "case", ["100-enum_values_added_anywhere_and_used", "111-range_replaced_under_columns"]
)
def test_retired_beside_a_type_that_is_replaced(case: str, pg18: Server) -> None:
    old, new = (harness.read(case, f"{name}.sql") for name in ("old", "new"))
    assert harness.retired_and_back(pg18, new, old) == ()


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(
    "case",
    [
        "161-merge_partitions",
        "291-key_of_new_columns_as_references_lead_elsewhere",
        "293-partitions_change_as_columns_of_the_whole_do",
        "294-partitions_get_indexes_of_names_that_the_whole_would_give",
        "491-tables_leave_with_statistics_and_functions_of_their_rows",
        "536-partitions_go_as_others_get_bounds_and_their_whole_changes",
        "539-relations_of_other_kinds_take_names_that_go",
        "664-tables_go_that_call_a_function_which_is_replaced",
    ],
)
def test_retired_beside_others_that_come(case: str, back: bool, pg18: Server) -> None:
    old, new = (harness.read(case, f"{name}.sql") for name in ("old", "new"))
    assert harness.retired_and_back(pg18, *((new, old) if back else (old, new))) == ()


_KEPT = (
    "153-partition_strategies",
    "162-indexes_on_partitions_in_use",
    "227-column_left_to_an_heir",
    "250-key_moves_to_a_column_that_takes_a_name_pg18",
    "262-partition_tree_changes_everything",
    "341-index_of_a_whole_becomes_a_key_of_its_name",
    "383-parts_of_indexes_under_other_names",
    "385-not_null_of_partitions_stays_when_that_of_their_whole_goes",
    "480-serial_turns_identity_as_its_table_is_partitioned",
    "486-table_made_anew_has_columns_of_its_own",
    "487-partitions_that_the_source_lacks",
    "488-references_by_a_key_that_goes",
    "489-names_and_keys_that_only_the_target_has",
    "500-overload_of_a_kept_function_with_defaults",
    "501-values_go_that_kept_functions_and_views_name",
    "502-values_go_under_kept_things_that_name_others",
    "503-partition_of_a_value_that_goes",
    "504-column_turns_into_what_no_reader_takes",
    "505-rows_and_tables_of_types_stand_elsewhere",
    "506-identity_takes_over_a_sequence_that_others_draw_from",
    "507-partitions_merge_that_views_read",
    "508-indexes_and_checks_of_the_target_follow_types",
    "509-default_writes_rows_of_a_table_with_a_column_more",
    "510-shop_with_reports_of_its_own",
    "511-views_over_views_that_change",
)


@pytest.mark.parametrize("case", _some(3, _KEPT))
def test_beside_what_only_the_target_has(case: str, pg18: Server) -> None:
    old, new, seed = (harness.read(case, f"{name}.sql") for name in ("old", "new", "seed"))
    outcome = harness.kept_and_back(pg18, old, new, seed)
    if case in _IN_THE_WAY:
        assert _IN_THE_WAY[case] in " ".join(outcome.refused)
        assert not [p for p in outcome.problems if p.startswith("failed")]
    else:
        assert outcome.problems == ()


@pytest.mark.parametrize(
    ("case", "other"),
    [
        ("443-columns_from_several_parents_change_their_types", "078-statistics_obj"),
        (
            "490-options_of_a_partition_change_as_its_indexes_do",
            "221-heirs_gain_and_lose_with_parents",
        ),
    ],
)
def test_from_one_case_to_another(case: str, other: str, pg18: Server) -> None:
    texts = harness.read(case, "old.sql"), harness.read(other, "new.sql")
    outcome = harness.run(pg18, pg18, *texts, harness.read(case, "seed.sql"))
    assert (outcome.problems, outcome.refused) == ((), ())


@pytest.mark.parametrize("case", _some(40))
def test_on_17(case: str, pg176: Server) -> None:
    _check(case, _run(case, pg176))


@pytest.mark.parametrize("case", _some(40))
def test_on_15(case: str, pg15: Server) -> None:
    _check(case, _run(case, pg15))


BASE_TYPE = """
CREATE TYPE mine;
CREATE FUNCTION mine_in(cstring) RETURNS mine LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION mine_out(mine) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE mine (INPUT = mine_in, OUTPUT = mine_out, INTERNALLENGTH = 4, PASSEDBYVALUE);
CREATE TABLE t (id int, m mine);
"""


@pytest.mark.parametrize("back", [False, True])
def test_what_needs_a_base_type_is_refused_by_the_plan(pg18: Server, back: bool) -> None:
    pair = ("CREATE TABLE t (id int)", BASE_TYPE)
    outcome = harness.run(pg18, pg18, *(pair[::-1] if back else pair), undo=False)
    assert not outcome.problems
    assert "the base type public.mine" in " ".join(outcome.refused)
