"""What is shown of a URL never holds its password, however the URL is written."""

from __future__ import annotations

import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weedgo.staged.db import connect, describe, parameters, redact, scrub
from weedgo.staged.model import StagedError

secrets = st.text(string.ascii_letters + string.digits + "!$&'()*+,;=:@/?#[]% ", min_size=1).map(
    lambda text: f"Zq{text}qZ"
)


@given(secrets)
def test_redacted_urls_hold_no_password(secret: str) -> None:
    url = f"postgresql://joe:{quote(secret, safe='')}@db.example:5433/shop?sslmode=require"
    assert redact(url) == "postgresql://joe@db.example:5433/shop?sslmode=require"


@given(secrets)
def test_passwords_that_are_not_encoded_are_not_shown_either(secret: str) -> None:
    shown = redact(f"postgresql://joe:{secret}@db.example/shop")
    assert "Zq" not in shown
    assert "qZ" not in shown


@given(secrets)
def test_the_same_in_the_query(secret: str) -> None:
    shown = redact(f"postgresql://db.example/shop?user=joe&password={quote(secret, safe='')}")
    assert shown == "postgresql://db.example/shop?user=joe"


@given(secrets)
def test_the_same_in_connection_strings(secret: str) -> None:
    escaped = secret.replace("\\", "\\\\").replace("'", "\\'")
    shown = redact(f"host=db.example password='{escaped}' dbname=shop")
    assert "Zq" not in shown
    assert "host=db.example" in shown


@given(secrets)
def test_messages_are_scrubbed_of_passwords_encoded_and_plain(secret: str) -> None:
    encoded = quote(secret, safe="")
    url = f"postgresql://joe:{encoded}@db.example/shop"
    assert scrub(f"broken: {secret} and {encoded}", url) == "broken: *** and ***"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://db.example/shop",
        "postgresql://joe@db.example:5433/shop?sslmode=require&application_name=me@home",
        "postgres://%2Frun%2Fpostgresql/shop",
        "postgresql:///shop?host=/run/postgresql",
        "postgresql://joe@[::1]:5433/shop",
        "postgresql://a:5432,b:5433/shop?target_session_attrs=primary",
    ],
)
def test_urls_without_secrets_stay_as_they_are(url: str) -> None:
    assert redact(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://joe:se@cret@db.example/shop",
        "postgresql://joe:se/cret@db.example/shop",
        "postgresql://joe:se?cret@db.example/shop",
        "postgresql://joe:se#cret@db.example/shop",
        "joe:secret nonsense password=secret",
        "mysql://joe:secret@db.example/shop",
        "postgresql://joe:secret@db.example:port/shop",
    ],
)
def test_what_is_no_url_is_refused_without_showing_its_secret(url: str) -> None:
    with pytest.raises(StagedError) as error:
        connect(url)
    assert "cret" not in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("old/legacy.sql", "old/legacy.sql"),
        ("models", "models"),
        ("host=a password=secret", "host=a"),
        ("postgresql://joe:secret@a/b", "postgresql://joe@a/b"),
        ("host=a pasword=x password=secret", "***"),
    ],
)
def test_sources_are_described_without_secrets(source: str, shown: str) -> None:
    assert describe(source) == shown


def test_parameters_hold_the_password_decoded() -> None:
    assert parameters("postgresql://joe:a%40b@db.example/shop")["password"] == "a@b"
