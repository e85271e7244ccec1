"""What auditing costs, and what it sees, beside django-auditlog and django-pghistory.

The measuring is done by a process of its own (`python -m tests.benchmarks.auditing URL ROUNDS`),
whose Django has the peers installed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from statistics import median
from typing import Any

from tests.benchmarks.measure import DURABLE, TIMES, Line, Section, in_turn, line, seconds, timed
from tests.servers import ROOT, private_server

MODELS = ("Plain", "Ours", "Signals", "Events")
NAMES = {"Plain": "no audit", "Signals": "django-auditlog", "Events": "django-pghistory"}
# What a trigger costs whatever it records: one that does nothing, and one that only writes a row.
FLOORS = {"Idle": "a trigger that does nothing", "Constant": "a trigger that logs a constant row"}
BULK, SINGLE = 10_000, 300
# Single updates are measured by so many, each way in turn, so that all have the same weather.
PORTION = 20
SQL = ROOT / "audit" / "sql"


def standard(rounds: int) -> Section:
    """Statements of 10,000 rows and of one, and each way to change a row."""
    durable = _run(rounds, DURABLE, "all")
    quick = _run(rounds, {}, "single")
    return Section(
        "audit",
        "Auditing changes",
        "PostgreSQL 18 as it comes: a commit waits for the disk, except where it says that it does "
        f"not. A table of 10 columns and 5 indexes; statements of {BULK:,} rows, and {PORTION} "
        "updates of one row each by `save()` and `update()`, each a transaction; django-auditlog "
        f"{version('django-auditlog')}, django-pghistory {version('django-pghistory')}. "
        "django-auditlog sees no bulk operation.",
        _lines(durable["times"], quick["times"]),
        [_FLOOR, _table(durable["caught"])],
    )


_FLOOR = """\
The least that a log by triggers can cost is that of the constant row: it pays for the trigger, the
partition and its 14 indexes. What ours costs beyond it is reading both rows as JSON, finding what
differs, and who acts."""


def _run(rounds: int, settings: dict[str, str], what: str) -> dict[str, Any]:
    with private_server("18", settings=settings) as server:
        url = server.create_database("audit")
        command = [sys.executable, "-m", "tests.benchmarks.auditing", url, str(rounds), what]
        environment = os.environ | {
            "BENCH_URL": url, "DJANGO_SETTINGS_MODULE": "tests.benchmarks.auditing_settings",
        }  # fmt: skip
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=ROOT, env=environment
        )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _lines(
    durable: dict[str, dict[str, list[float]]], quick: dict[str, dict[str, list[float]]]
) -> list[Line]:
    first, after = times_of_trap(durable)
    lines = [found for what, by_model in durable.items() for found in _compared(what, by_model)]
    for what, by_model in quick.items():
        found = {"ours": by_model["Ours"], "no audit": by_model["Plain"]}
        lines.append(line(f"{what}, no wait for the disk", "no audit", found, "", 1e9))
    ratio = median(after) / median(first)
    lines.append(
        Line("5,000 rows after 300 single updates", "a fresh connection", seconds(after),
             seconds(first), f"{ratio:.2f}{TIMES}", f"≤ 3{TIMES}", ratio <= 3)
    )  # fmt: skip
    return lines


def _compared(what: str, by_model: dict[str, list[float]]) -> Iterator[Line]:
    limit = 1.3 if "one row" in what else 3.5
    for model, name in (NAMES | FLOORS).items():
        if model in by_model:
            bar = f"≤ {limit}{TIMES}" if model == "Plain" else ""
            found = {"ours": by_model["Ours"], name: by_model[model]}
            yield line(what, name, found, bar, limit if bar else 1e9)


def times_of_trap(times: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Take the measurements of the plan cache out of the others."""
    trap = times.pop("trap")
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
    for table, body in (
        ("idle", ""),
        ("constant", "INSERT INTO agi_audit_logs (epoch, event_type, target_table, target_pk,"
                     " changes, who_salt, what_salt) VALUES (0, 'row.updated', 't', '1', '{}',"
                     " NULL, '00000000-0000-0000-0000-000000000001');"),
    ):  # fmt: skip
        cursor.execute(
            f"CREATE FUNCTION a_{table}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
            f" SET search_path = pg_catalog, public AS $$BEGIN {body} RETURN NULL; END$$;"
            f"CREATE TRIGGER a_update AFTER UPDATE ON audited_{table}"
            " REFERENCING OLD TABLE AS oldt NEW TABLE AS newt"
            f" FOR EACH STATEMENT EXECUTE FUNCTION a_{table}()"
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
        for model in (*MODELS, *FLOORS):
            table = f"audited_{model.lower()}"
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER; DELETE FROM {table};"
                           f"ALTER TABLE {table} ENABLE TRIGGER USER")  # fmt: skip
        for event in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
            cursor.execute(f"ALTER TABLE audited_ours ENABLE ALWAYS TRIGGER a_{event}")
        cursor.execute("TRUNCATE agi_audit_logs, auditlog_logentry, audited_eventsevent")


def _insert(model: Any) -> float:
    made = _rows(model, 0, BULK)
    return timed(partial(model.objects.bulk_create, made))


def _measure(rounds: int, what: str) -> dict[str, dict[str, list[float]]]:
    times: dict[str, dict[str, list[float]]] = {}
    if what == "all":
        times |= _bulk(rounds)
        _empty()
    for name in (*MODELS, *FLOORS):
        _model(name).objects.bulk_create(_rows(_model(name), 0, BULK))
    if what == "all":
        times["UPDATE of 10,000 rows"] = _by_model(rounds, _update_all, ("Plain", "Ours", "Events"))
    turns = rounds * SINGLE // PORTION
    times["20 of one row by save()"] = _by_model(turns, _save, (*MODELS, *FLOORS))
    by_update = ("Plain", "Ours", "Events", *FLOORS)
    times["20 of one row by update()"] = _by_model(turns, _update_one, by_update)
    if what == "all":
        times["trap"] = _trap(rounds)
    return times


def _by_model(
    rounds: int, action: Callable[[Any], float], models: tuple[str, ...]
) -> dict[str, list[float]]:
    return in_turn(rounds, {name: partial(action, _model(name)) for name in models})


def _bulk(rounds: int) -> dict[str, dict[str, list[float]]]:
    def insert(model: Any) -> float:
        model.objects.all()._raw_delete("default")
        return _insert(model)

    return {"INSERT of 10,000 rows": _by_model(rounds, insert, ("Plain", "Ours", "Events"))}


def _update_all(model: Any) -> float:
    from django.db.models import F

    return timed(lambda: model.objects.update(price=F("price") + 1))


def _save(model: Any) -> float:
    items = list(model.objects.order_by("id")[:PORTION])
    for item in items:
        item.price += 1
    return timed(lambda: [item.save() for item in items])


def _update_one(model: Any, count: int = PORTION) -> float:
    from django.db.models import F

    keys = list(model.objects.order_by("id").values_list("id", flat=True)[:count])
    return timed(lambda: [model.objects.filter(pk=k).update(price=F("price") + 1) for k in keys])


def _trap(rounds: int) -> dict[str, list[float]]:
    """Many rows at once: first on a connection, and after a plan was cached for few."""
    from django.db import connection
    from django.db.models import F

    ours = _model("Ours")
    half = ours.objects.order_by("id").values_list("id", flat=True)[4999]
    few = ours.objects.filter(pk__lte=half)
    trap: dict[str, list[float]] = {"fresh": [], "after": []}
    for _ in range(rounds):
        connection.close()
        trap["fresh"].append(timed(lambda: few.update(price=F("price") + 1)))
        _update_one(ours, SINGLE)
        trap["after"].append(timed(lambda: few.update(price=F("price") + 1)))
    return trap


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
    document: dict[str, Any] = {"times": _measure(int(sys.argv[2]), sys.argv[3])}
    if sys.argv[3] == "all":
        document["caught"] = _caught()
    sys.stdout.write(json.dumps(document) + "\n")
