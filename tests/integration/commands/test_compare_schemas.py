"""`compare_schemas`, as its user meets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import json_schema
from tests.conftest import Database
from tests.integration.commands import shop
from tests.integration.commands.conftest import Manage, load
from tests.servers import Server


def test_equal_schemas(manage: Manage, source: str, tmp_path: Path) -> None:
    wanted = tmp_path / "wanted.sql"
    wanted.write_text(shop.SOURCE)
    ended = manage("compare_schemas", "--source", wanted, "--target", source)
    assert (ended.status, ended.err) == (0, "")
    assert "Equal:" in ended.out


def test_what_differs_is_listed_by_side_and_kind(manage: Manage, source: str, target: str) -> None:
    load(target, "ALTER TABLE public.stores ALTER name TYPE varchar(40)")
    ended = manage("compare_schemas", "--source", source, "--target", target)
    assert ended.status == 1
    only_source, rest = ended.out.split("Only in the target (")
    only_target, different = rest.split("Different (")
    assert "    public.tickets\n" in only_source
    assert "    public.geo_zones\n" in only_target
    assert "type: source text, target character varying(40)" in different


def test_the_json_document(manage: Manage, source: str, target: str) -> None:
    ended = manage("compare_schemas", "--source", source, "--target", target, "--json")
    assert json_schema.problems(ended.document, "differences") == []
    assert ended.document["exit"] == ended.status == 1
    assert ended.document["counts"]["table"] == {"source": 1, "target": 1, "both": 0}
    assert {o["name"] for o in ended.document["objects"] if o["kind"] == "view"} == {"dear_orders"}


@pytest.fixture
def undefined(source: str) -> Iterator[str]:
    """The source, with an object of a kind that is not compared."""
    load(source, "CREATE TYPE public.branches")
    yield source
    load(source, "DROP TYPE public.branches")


def test_kinds_that_are_not_compared_are_named(
    manage: Manage, pg18: Server, database: Database, undefined: str
) -> None:
    target = database(pg18, "target")
    load(target, shop.SOURCE)
    ended = manage("compare_schemas", "--source", undefined, "--target", target)
    assert ended.status == 1
    assert "    shell type  public.branches\n" in ended.out.split("Not modelled (1)")[1]
    told = manage("compare_schemas", "--source", undefined, "--target", target, "--json").document
    assert told["unmodelled"] == [{"kind": "shell type", "path": "public.branches"}]
    assert told["objects"] == []


def test_the_files(manage: Manage, source: str, target: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    arguments = ("--source", source, "--target", target, "--output", folder)
    ended = manage("compare_schemas", *arguments)
    assert (folder / "schema_comparison_report.txt").read_text() == ended.out
    told = manage("compare_schemas", *arguments, "--json").document
    assert sorted(told["files"]) == sorted(str(path) for path in folder.iterdir())


@pytest.mark.parametrize("json", [False, True])
def test_a_database_that_cannot_be_reached(manage: Manage, target: str, json: bool) -> None:
    source = "postgresql://u:s3cret@127.0.0.1:1/none"
    flags = ["--json"] if json else []
    ended = manage("compare_schemas", "--source", source, "--target", target, *flags)
    assert ended.status == 2
    assert len(ended.err.splitlines()) == 1
    assert "s3cret" not in ended.out + ended.err
    if json:
        assert json_schema.problems(ended.document, "differences") == []
        assert ended.document["status"] == "error"


def test_neither_database_is_written_to(manage: Manage, source: str, target: str) -> None:
    for url in (source, target):
        name = url.rsplit("/", 1)[1]
        load(url, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    assert manage("compare_schemas", "--source", source, "--target", target).status == 1
