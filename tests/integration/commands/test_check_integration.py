"""`check_integration`, as its user meets it; tests/integration/legacy tries what it checks."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.integration.commands.conftest import Manage, load
from weedgo.legacy.integration import INDEXES_USED


def test_a_database_that_lacks_everything_is_told_so(
    manage: Manage, source: str, target: str
) -> None:
    ended = manage("check_integration", "--source", source, "--target", target)

    assert ended.status == 1
    assert 'relation "agi_audit_logs" does not exist' in ended.out
    assert "\n0.0 % of the integration checks hold" in ended.out


def test_the_json_document_names_every_check(manage: Manage, source: str, target: str) -> None:
    ended = manage("check_integration", "--source", source, "--target", target, "--json")
    document = ended.document

    assert (ended.status, document["exit"], document["status"]) == (1, 1, "different")
    assert document["checks"] == len(document["findings"]) > INDEXES_USED
    assert {"audit", "rate limits", "inventory", "queries", "planner"} == set(document["counts"])


def test_queries_of_your_own(manage: Manage, source: str, target: str, tmp_path: Path) -> None:
    path = tmp_path / "queries.sql"
    path.write_text("-- name: dear\nSELECT id FROM orders WHERE total > 100;\n")

    ended = manage(
        "check_integration", "--source", source, "--target", target, "--queries", path, "--json"
    )

    assert ended.document["counts"]["queries"] == {"checks": 1, "hold": 1}


def test_a_mistake_is_one_line(manage: Manage, source: str, target: str) -> None:
    ended = manage(
        "check_integration", "--source", source, "--target", target, "--queries", "absent.sql"
    )

    assert ended.status == 2
    assert ended.err == "check_integration: cannot read absent.sql: No such file or directory\n"


@pytest.fixture
def read_only(target: str) -> str:
    name = psycopg.conninfo.conninfo_to_dict(target)["dbname"]
    load(target, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    return target


def test_a_read_only_target_is_refused(manage: Manage, source: str, read_only: str) -> None:
    ended = manage("check_integration", "--source", source, "--target", read_only)

    assert ended.status == 2
    assert "read only" in ended.err
