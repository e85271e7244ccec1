"""Settings and database URLs, without a database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

import manage
from weedgo import databases
from weedgo.settings import _persistent_secret_key

ROOT = Path(__file__).parent.parent.parent
PRINT = """
import json, sys
from weedgo import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))
"""


def settings_with(environment: dict[str, str], *names: str) -> dict[str, object]:
    """Import the settings in an environment of their own and return some."""
    done = subprocess.run(
        [sys.executable, "-c", PRINT, *names],
        cwd=ROOT,
        env={"PATH": os.defpath, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_nothing_set_means_embedded_servers_and_no_debugging(tmp_path):
    shown = settings_with(
        {"WEEDGO_POSTGRES_FOLDER": str(tmp_path / "servers")},
        "DATABASES", "DEBUG", "ALLOWED_HOSTS", "LEGACY_DATABASE_URL", "MIGRATION_ALIAS",
    )  # fmt: skip
    assert shown["DATABASES"]["default"]["EMBEDDED"] == "current"
    assert shown["DATABASES"]["owner"]["EMBEDDED"] == "current"
    assert shown["MIGRATION_ALIAS"] == "owner"
    assert shown["DATABASES"]["default"]["USER"] == "weedgo_app"
    assert shown["LEGACY_DATABASE_URL"] == ""
    assert shown["DEBUG"] is False
    assert "*" not in shown["ALLOWED_HOSTS"]
    assert not (tmp_path / "servers").exists()


def test_two_urls_are_two_roles():
    shown = settings_with(
        {
            "DATABASE_URL": "postgresql://app:secret@db.example:6000/shop?sslmode=require",
            "MIGRATION_DATABASE_URL": "postgresql://boss@db.example/shop",
        },
        "DATABASES",
        "MIGRATION_ALIAS",
    )
    application, owner = shown["DATABASES"]["default"], shown["DATABASES"]["owner"]
    assert (application["USER"], application["PASSWORD"]) == ("app", "secret")
    assert (application["HOST"], application["PORT"]) == ("db.example", "6000")
    assert application["OPTIONS"] == {"sslmode": "require"}
    assert (owner["USER"], owner["NAME"]) == ("boss", "shop")
    assert shown["MIGRATION_ALIAS"] == "owner"


def test_one_url_serves_both_aliases():
    shown = settings_with({"DATABASE_URL": "postgresql://one@host/shop"}, "DATABASES")
    assert shown["DATABASES"]["owner"]["USER"] == "one"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql:///shop?host=/run/pg", {"NAME": "shop", "HOST": "/run/pg", "USER": ""}),
        ("postgres://u%40x:p%2Fw@h/d", {"USER": "u@x", "PASSWORD": "p/w", "NAME": "d"}),
        ("host=a,b port=1,2 dbname=d", {"HOST": "a,b", "PORT": "1,2"}),
        ("postgresql:///?service=live", {"NAME": "", "OPTIONS": {"service": "live"}}),
    ],
)
def test_urls_are_read_as_libpq_reads_them(url, expected):
    settings = databases.from_url(url, "DATABASE_URL")
    assert {name: settings[name] for name in expected} == expected


def test_a_wrong_url_is_named_and_its_password_is_not_shown():
    with pytest.raises(databases.DatabaseUrlError) as caught:
        databases.from_url("postgres//user:hunter2@host/db x", "DATABASE_URL")
    assert "DATABASE_URL" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_wrong_url_ends_a_command_with_one_line():
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"PATH": os.defpath, "DATABASE_URL": "postgres//user:hunter2@host/db x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "hunter2" not in done.stderr


def test_an_alias_gives_its_url_back(monkeypatch):
    from django.db import connections

    given = "postgresql://app:p%20w@db.example:6000/shop?sslmode=require&application_name=x"
    monkeypatch.setattr(
        connections["default"], "settings_dict", databases.from_url(given, "DATABASE_URL")
    )
    assert conninfo_to_dict(databases.url_of("default")) == conninfo_to_dict(given)


def test_an_unknown_alias_is_a_key_error():
    with pytest.raises(KeyError):
        databases.url_of("elsewhere")


def test_the_secret_key_is_made_once_and_private(tmp_path):
    path = tmp_path / "var" / "secret_key"
    key = _persistent_secret_key(path)
    assert len(key) >= 50
    assert _persistent_secret_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_gives_a_key_for_the_process(tmp_path):
    (tmp_path / "var").write_text("a file is in the way")
    path = tmp_path / "var" / "secret_key"
    assert len(_persistent_secret_key(path)) >= 50
    assert _persistent_secret_key(path) != _persistent_secret_key(path)


URL = "postgresql://owner@db/shop"


@pytest.mark.parametrize(
    ("arguments", "alone"),
    [
        (("migrate_staged", "--source", URL, "--target", URL), True),
        (("migrate_staged", f"--source={URL}", f"--target={URL}", "--plan"), True),
        (("migrate_staged", "--source", "wanted.sql", "--target", URL), True),
        (("rollback_staged", "--target", URL), True),
        (("migrate_staged", "--target", URL), False),
        (("migrate_staged", "--source", URL), False),
        (("migrate_staged", "--source", "models", "--target", URL), False),
        (("migrate_staged", "--source", URL, "--target", "owner"), False),
        (("runserver",), False),
        ((), False),
    ],
)
def test_commands_that_need_no_app_load_none(arguments: tuple[str, ...], *, alone: bool) -> None:
    assert manage.settings(["manage.py", *arguments]).endswith("engine_settings") == alone
