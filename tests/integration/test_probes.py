"""Probes are answered without a tenant, with and without a database."""

from __future__ import annotations

import asyncio

import pytest
from django.db import OperationalError, connection
from django.test import AsyncClient, Client

NOBODYS = "10.0.0.1:8000"


@pytest.mark.django_db
def test_a_host_of_no_tenant_is_answered(settings):
    client = Client(headers={"host": NOBODYS})
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.content, answer["Cache-Control"]) == (
            200, b"ok", "no-store",
        )  # fmt: skip
    assert client.get("/admin/").status_code == 404


def test_without_a_database_it_lives_but_is_not_ready(monkeypatch):
    def refuse():
        raise OperationalError("a password")

    monkeypatch.setattr(connection, "cursor", refuse)
    client = Client(headers={"host": NOBODYS})
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"no database")


def test_it_is_answered_by_asgi_too():
    client = AsyncClient(headers={"host": NOBODYS})
    assert asyncio.run(client.get("/healthz")).content == b"ok"
