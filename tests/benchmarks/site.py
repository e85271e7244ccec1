"""The project's own site for benchmarks: a database at the models, a tenant, Django on it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.servers import server
from weedgo.staged import db

ROOT = Path(__file__).parent.parent.parent
TENANT = "bench_shop"


@contextlib.contextmanager
def site(version: str = "18") -> Iterator[str]:
    """Make a database at the models with one tenant, which is active in this process; its URL."""
    where = server(version)
    url = where.create_database("bench")
    environment = os.environ | {"DATABASE_URL": url, "MIGRATION_DATABASE_URL": ""}
    try:
        _manage(environment, "migrate_staged", "--no-backup", "--verbosity", "0")
        _manage(environment, "create_tenant", TENANT, "--domain", "bench.localhost")
        _connect(url)
        yield url
    finally:
        _close()
        where.drop_database(url)


def _manage(environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _connect(url: str) -> None:
    os.environ.update(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="weedgo.settings")
    import django
    from django.apps import apps
    from django.db import connection, connections

    if not apps.ready:
        django.setup()
    for one in connections.all():
        one.close()
        one.settings_dict["NAME"] = db.parameters(url)["dbname"]
    from weedgo.tenancy.models import Tenant

    connection.set_tenant(Tenant.objects.get(schema_name=TENANT))


def _close() -> None:
    from django.apps import apps

    if apps.ready:
        from django.db import connections

        connections.close_all()
