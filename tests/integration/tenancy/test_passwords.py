"""Passwords: no tenant reads a hash, and logging in and changing one's own go on."""

from __future__ import annotations

import json

import psycopg
import pytest

VISIT = """
import json, re, django
django.setup()
from django.conf import settings
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
settings.RATELIMIT_ENABLED = False
client = Client(headers={"host": "ash.localhost"})
def log_in(password):
    data = {"username": "clerk", "password": password, "next": "/admin/"}
    return client.post("/admin/login/", data).status_code
def change(old, new):
    data = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/admin/password_change/", data).status_code
found = {"wrong": log_in("no"), "right": log_in("first-of-clerk")}
found["index"] = client.get("/admin/").status_code
found["page"] = client.get("/admin/password_change/").status_code
found["not the former"] = change("no", "second-of-clerk")
found["changed"] = change("first-of-clerk", "second-of-clerk")
found["still in"] = client.get("/admin/").status_code
client.cookies.clear()
found["old"] = log_in("first-of-clerk")
found["new"] = log_in("second-of-clerk")
theirs = re.search(r"\\d+", BIRCH)[0]
found["theirs"] = client.get(f"/admin/store/brand/{theirs}/change/").status_code
print(json.dumps(found))
"""
CLERK = """
import django
django.setup()
from django.db import connections
connections["owner"].set_schema_to_public()
from weedgo.tenancy.models import User
User(username="clerk", is_staff=True, is_superuser=True).save(using="owner")
clerk = User.objects.using("owner").get(username="clerk")
clerk.set_password("first-of-clerk")
clerk.save(using="owner")
"""


@pytest.fixture(scope="module")
def visited(site) -> dict[str, int]:
    """The statuses of a clerk's steps on a tenant's site."""
    made = site.project._python("-c", CLERK)
    assert made.returncode == 0, made.stderr
    with psycopg.connect(site.owner, autocommit=True) as conn:
        conn.execute("SET search_path = birch, public")
        (brand,) = conn.execute(
            "INSERT INTO brands (name, slug) VALUES ('Theirs', 'theirs') RETURNING id"
        ).fetchone()
    done = site.project._python("-c", VISIT.replace("BIRCH", repr(str(brand))))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_on_a_tenants_site_one_logs_in_and_changes_ones_password(visited):
    assert visited == {
        "wrong": 200, "right": 302, "index": 200, "page": 200, "not the former": 200,
        "changed": 302, "still in": 200, "old": 200, "new": 302, "theirs": 302,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "state"),
    [
        ("SELECT password FROM tenancy_user", "42501"),
        ("SELECT * FROM tenancy_user", "42501"),
        ("UPDATE tenancy_user SET password = 'x'", "42501"),
        ("UPDATE tenancy_user SET is_superuser = true", "42501"),
    ],
)
def test_a_tenant_reads_and_writes_no_hash(site, visited, query, state):
    with psycopg.connect(site.owner) as conn:
        role = conn.execute(
            "SELECT weedgo_role_of(id) FROM tenancy_tenant WHERE schema_name = 'ash'"
        ).fetchone()[0]
        conn.execute("SELECT set_config('role', %s, true)", [role])
        with pytest.raises(psycopg.Error) as refused:
            conn.execute(query)
        assert refused.value.sqlstate == state


def test_nobody_changes_a_password_without_the_former_one(site, visited):
    with psycopg.connect(site.owner) as conn:
        (id, role) = conn.execute(
            "SELECT u.id, weedgo_role_of(t.id) FROM tenancy_user u, tenancy_tenant t"
            " WHERE username = 'clerk' AND schema_name = 'ash'"
        ).fetchone()
        conn.execute("SELECT set_config('role', %s, true)", [role])
        (salt,) = conn.execute("SELECT public.weedgo_password_salt(%s)", [id]).fetchone()
        assert salt.endswith("$")
        change = "SELECT public.weedgo_change_password(%s, %s, 'x')"
        for former in (salt, "", None):
            assert conn.execute(change, [id, former]).fetchone() == (False,)
