"""Runs of migrations are in the log of the database that they change, if it has one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import Database
from tests.integration.audit.log import mark, since
from tests.servers import Server
from weedgo.databases import url_of

here = pytest.mark.django_db(transaction=True)


def run(target: str, source: str, *more: str) -> None:
    command = ("migrate_staged", "--target", target, "--source", source, "--no-backup")
    call_command(*command, "--verbosity", "0", *more)


@here
def test_a_run_is_told_when_it_begins_and_ends(
    pg18: Server, database: Database, tmp_path: Path, settings: Any
):
    settings.VAR = tmp_path
    url = url_of("default")
    place = mark()
    run(url, database(pg18, "empty"))
    started, ended = since(place)
    assert (started.event_type, ended.event_type) == ("migration.started", "migration.ended")
    assert (ended.category, ended.severity, ended.outcome) == ("system", "info", "success")
    assert (ended.app_name, ended.tenant) == ("weedgo migration", None)
    assert started.target_pk == ended.target_pk
    assert ended.changes["status"] == "equal"
    assert ended.duration_ms is not None


@here
def test_what_fails_is_told_without_passwords(tmp_path: Path, settings: Any):
    settings.VAR = tmp_path
    url = url_of("default")
    place = mark()
    with pytest.raises(CommandError):
        run(url, "postgresql://who:hush@127.0.0.1:1/nothing")
    started, ended = since(place)
    assert (ended.severity, ended.outcome) == ("error", "failure")
    assert "127.0.0.1" in started.changes["source"]
    assert "hush" not in json.dumps([started.changes, ended.changes])


@here
def test_a_plan_is_no_run(pg18: Server, database: Database, tmp_path: Path, settings: Any):
    settings.VAR = tmp_path
    url = url_of("default")
    place = mark()
    run(url, database(pg18, "empty"), "--plan", "--no-prove")
    assert since(place) == []


def test_a_target_without_a_log_has_nothing_to_be_told(
    pg18: Server, database: Database, tmp_path: Path, settings: Any, capsys: Any
):
    settings.VAR = tmp_path
    run(database(pg18, "bare"), database(pg18, "empty"))
    assert "audit" not in capsys.readouterr().err
