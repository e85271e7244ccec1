"""What auditing costs, and what it sees, beside django-auditlog and django-pghistory.

The measuring is done by a process of its own (`python -m tests.benchmarks.auditing URL ROUNDS`),
whose Django has the peers installed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from statistics import median
from typing import Any

from tests.benchmarks.measure import TIMES, Line, Section, in_turn, line, seconds, timed
from tests.servers import ROOT, private_server

MODELS = ("Plain", "Ours", "Signals", "Events")
NAMES = {"Plain": "no audit", "Signals": "django-auditlog", "Events": "django-pghistory"}
BULK, SINGLE = 10_000, 300
SQL = ROOT / "audit" / "sql"


def standard(rounds: int) -> Section:
    """Statements of 10,000 rows and of one, and each way to change a row."""
    with private_server("18") as server:
        url = server.create_database("audit")
        command = [sys.executable, "-m", "tests.benchmarks.auditing", url, str(rounds)]
        environment = os.environ | {
            "BENCH_URL": url, "DJANGO_SETTINGS_MODULE": "tests.benchmarks.auditing_settings",
        }  # fmt: skip
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=ROOT, env=environment
        )
    found = json.loads(done.stdout.splitlines()[-1])
    return Section(
        "audit",
        "Auditing changes",
        f"PostgreSQL 18, a table of 10 columns and 5 indexes; statements of {BULK:,} rows, and "
        f"{SINGLE} updates of one row each by `save()` and `update()`; django-auditlog "
        f"{version('django-auditlog')}, django-pghistory {version('django-pghistory')}. "
        "django-auditlog sees no bulk operation.",
        _lines(found["times"]),
        [_table(found["caught"])],
    )


def _lines(times: dict[str, dict[str, list[float]]]) -> list[Line]:
    lines: list[Line] = []
    for what, by_model in times.items():
        ours = by_model["Ours"]
        limit = 1.3 if what.startswith("one") else 3.5
        for model, name in NAMES.items():
            if model not in by_model:
                continue
            bar = f"≤ {limit}{TIMES}" if model == "Plain" else ""
            found = {"ours": ours, name: by_model[model]}
            lines.append(line(what, name, found, bar, limit if bar else 1e9))
    first, after = times_of_trap(times)
    ratio = median(after) / median(first)
    lines.append(
        Line("5,000 rows after 300 single updates", "a fresh connection", seconds(after),
             seconds(first), f"{ratio:.2f}{TIMES}", f"≤ 3{TIMES}", ratio <= 3)
    )  # fmt: skip
    return lines


def times_of_trap(times: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Take the measurements of the plan cache out of the others."""
    trap = times.pop("trap", None) or {"fresh": [1.0], "after": [1.0]}
    return trap["fresh"], trap["after"]


def _table(caught: dict[str, dict[str, bool]]) -> str:
    head = "| change | ours | django-auditlog | django-pghistory |\n|---|---|---|---|"
    rows = [
        f"| {way} | " + " | ".join("yes" if by[m] else "no" for m in MODELS[1:]) + " |"
        for way, by in caught.items()
    ]
    return "What each of them recorded, as it was tried:\n\n" + head + "\n" + "\n".join(rows)


# --- in the process that has the peers ----------------------------------------------


def _setup() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", "--run-syncdb", verbosity=0)
    call_command("pgtrigger", "install", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE tenancy_tenant (id bigint, schema_name text)")
        for name in ("0001_logs", "0001_record", "0002_columns", "0002_capture"):
            cursor.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
        cursor.execute("CREATE TABLE audit_all PARTITION OF agi_audit_logs DEFAULT")
        for statement in _indexes():
            cursor.execute(statement)
        _put_on(cursor)


def _indexes() -> list[str]:
    """Those of audit.models.AuditLog, whose app cannot be installed beside the peers'."""
    where = "IS NOT NULL"
    return [
        f"CREATE INDEX ON agi_audit_logs ({columns}){f' WHERE {only}' if only else ''}"
        for columns, only in (
            ("tenant, occurred_at DESC", f"tenant {where}"),
            ("actor_id, occurred_at DESC", f"actor_id {where}"),
            ("actor_label, occurred_at DESC", f"actor_label {where}"),
            ("ip, occurred_at DESC", f"ip {where}"),
            ("event_type, occurred_at DESC", ""),
            ("target_pk, target_table, occurred_at DESC", f"target_pk {where}"),
            ("request_id", f"request_id {where}"),
            ("epoch, xid, id", ""),
            ("severity, occurred_at DESC", "severity IN ('debug', 'notice', 'warning', 'error')"),
            ("outcome, occurred_at DESC", "outcome IN ('failure', 'denied')"),
            ("category, occurred_at DESC", "category IN ('access', 'security', 'request')"),
            ("id", ""),
        )
    ] + ["CREATE INDEX ON agi_audit_logs USING brin (occurred_at)"]


def _put_on(cursor: Any) -> None:
    tables = {"INSERT": "NEW TABLE AS newt", "UPDATE": "OLD TABLE AS oldt NEW TABLE AS newt",
              "DELETE": "OLD TABLE AS oldt", "TRUNCATE": ""}  # fmt: skip
    for event, names in tables.items():
        referencing = f"REFERENCING {names}" if names else ""
        cursor.execute(
            f"CREATE TRIGGER a_{event} AFTER {event} ON audited_ours {referencing} FOR EACH"
            " STATEMENT EXECUTE FUNCTION agi_audit_capture('audited_ours', '{id}', '{}', '{}');"
            f"ALTER TABLE audited_ours ENABLE ALWAYS TRIGGER a_{event}"
        )


def _model(name: str) -> Any:
    from django.apps import apps

    return apps.get_model("audited", name)


def _rows(model: Any, start: int, count: int) -> list[Any]:
    return [
        model(sku=f"S{n}", name=f"name {n}", price=n, brand=n % 50, category=n % 20,
              description="a text " * 20)
        for n in range(start, start + count)
    ]  # fmt: skip


def _empty() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for model in MODELS:
            table = f"audited_{model.lower()}"
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER; DELETE FROM {table};"
                           f"ALTER TABLE {table} ENABLE TRIGGER USER")  # fmt: skip
        for event in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
            cursor.execute(f"ALTER TABLE audited_ours ENABLE ALWAYS TRIGGER a_{event}")
        cursor.execute("TRUNCATE agi_audit_logs, auditlog_logentry, audited_eventsevent")


def _insert(model: Any) -> float:
    made = _rows(model, 0, BULK)
    return timed(partial(model.objects.bulk_create, made))


def _measure(rounds: int) -> dict[str, dict[str, list[float]]]:
    from django.db import connection
    from django.db.models import F

    times: dict[str, dict[str, list[float]]] = {}

    def one(what: str, action: Callable[[Any], float], models: tuple[str, ...]) -> None:
        actions = {name: partial(action, _model(name)) for name in models}
        times[what] = in_turn(rounds, actions)

    bulk = ("Plain", "Ours", "Events")

    def insert(model: Any) -> float:
        model.objects.all()._raw_delete("default")
        return _insert(model)

    one("INSERT of 10,000 rows", insert, bulk)
    _empty()
    for name in MODELS:
        _model(name).objects.bulk_create(_rows(_model(name), 0, BULK))

    def update(model: Any) -> float:
        return timed(lambda: model.objects.update(price=F("price") + 1))

    one("UPDATE of 10,000 rows", update, bulk)

    def save(model: Any) -> float:
        items = list(model.objects.order_by("id")[:SINGLE])
        for item in items:
            item.price += 1
        return timed(lambda: [item.save() for item in items])

    one("one row by save()", save, MODELS)

    def single(model: Any) -> float:
        keys = list(model.objects.order_by("id").values_list("id", flat=True)[:SINGLE])
        return timed(
            lambda: [model.objects.filter(pk=k).update(price=F("price") + 1) for k in keys]
        )

    one("one row by update()", single, bulk)
    ours = _model("Ours")
    half = ours.objects.order_by("id").values_list("id", flat=True)[4999]
    few = ours.objects.filter(pk__lte=half)
    times["trap"] = {"fresh": [], "after": []}
    for _ in range(rounds):
        connection.close()
        times["trap"]["fresh"].append(timed(lambda: few.update(price=F("price") + 1)))
        single(ours)
        times["trap"]["after"].append(timed(lambda: few.update(price=F("price") + 1)))
    return times


WAYS: dict[str, Callable[[Any, Any, str], object]] = {
    "save()": lambda m, c, t: _saved(m),
    "QuerySet.update()": lambda m, c, t: m.objects.update(name="x"),
    "bulk_create()": lambda m, c, t: m.objects.bulk_create(_rows(m, 100, 2)),
    "bulk_update()": lambda m, c, t: _bulk_updated(m),
    "delete()": lambda m, c, t: m.objects.first().delete(),
    "raw INSERT": lambda m, c, t: c.execute(
        f"INSERT INTO {t} (sku, name, price, brand, category, description, weight, active, made_at)"
        " VALUES ('r', 'r', 1, 1, 1, '', 1, true, now())"
    ),
    "raw UPDATE": lambda m, c, t: c.execute(f"UPDATE {t} SET name = 'raw'"),
    "raw DELETE": lambda m, c, t: c.execute(f"DELETE FROM {t}"),
    "MERGE": lambda m, c, t: c.execute(
        f"MERGE INTO {t} x USING (SELECT 1) y ON true WHEN MATCHED THEN UPDATE SET name = 'm'"
    ),
    "ON CONFLICT": lambda m, c, t: c.execute(
        f"INSERT INTO {t} SELECT * FROM {t} ON CONFLICT (id) DO UPDATE SET name = 'c'"
    ),
    "COPY": lambda m, c, t: _copied(c, t),
    "TRUNCATE": lambda m, c, t: c.execute(f"TRUNCATE {t}"),
    "a changed primary key": lambda m, c, t: c.execute(f"UPDATE {t} SET id = id + 100000"),
    "with pgtrigger.ignore set": lambda m, c, t: c.execute(
        "SELECT set_config('pgtrigger.ignore', '{' || string_agg(tgname, ',') || '}', false)"
        f" FROM pg_trigger WHERE NOT tgisinternal; UPDATE {t} SET name = 'i';"
        "RESET pgtrigger.ignore"
    ),
    "in replica mode": lambda m, c, t: c.execute(
        f"SET session_replication_role = replica; UPDATE {t} SET name = 'r';"
        "RESET session_replication_role"
    ),
}


def _saved(model: Any) -> None:
    item = model.objects.first()
    item.name = "saved"
    item.save()


def _bulk_updated(model: Any) -> None:
    item = model.objects.first()
    item.name = "bulk"
    model.objects.bulk_update([item], ["name"])


def _copied(cursor: Any, table: str) -> None:
    columns = "sku, name, price, brand, category, description, weight, active, made_at"
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        copy.write("k\tk\t1\t1\t1\tk\t1\tt\t2025-01-01\n")


def _caught() -> dict[str, dict[str, bool]]:
    from django.db import connection

    logs = {
        "Ours": "agi_audit_logs",
        "Signals": "auditlog_logentry",
        "Events": "audited_eventsevent",
    }
    found: dict[str, dict[str, bool]] = {}
    for way, change in WAYS.items():
        _empty()
        for name in MODELS[1:]:
            model = _model(name)
            model.objects.bulk_create(_rows(model, 0, 3))
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {logs[name]}")
                [before] = cursor.fetchone()
                change(model, cursor, model._meta.db_table)
                cursor.execute(f"SELECT count(*) FROM {logs[name]}")
                found.setdefault(way, {})[name] = cursor.fetchone()[0] > before
    return found


if __name__ == "__main__":
    _setup()
    document = {"times": _measure(int(sys.argv[2])), "caught": _caught()}
    sys.stdout.write(json.dumps(document) + "\n")
