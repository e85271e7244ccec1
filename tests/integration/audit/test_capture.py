"""Each way to change a row is seen: by the ORM, in bulk, by raw SQL, COPY and from psql."""

from __future__ import annotations

import json
import subprocess

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction

import audit
from audit import services
from audit.models import AuditLog
from tests.factories.tenancy import UserFactory
from tests.integration.audit.log import mark, run, since, told
from tests.servers import Server
from weedgo.databases import url_of
from weedgo.tenancy.models import User

pytestmark = pytest.mark.django_db
GROUP = "auth_group"


def group_row(id: int, name: str) -> dict:
    return {"id": id, "name": name}


def test_save_of_a_new_row_and_of_a_changed_one():
    place = mark()
    group = Group.objects.create(name="clerks")
    group.name = "cashiers"
    group.save()
    key = str(group.pk)
    assert [told(entry) for entry in since(place, GROUP)] == [
        ("INSERT", key, group_row(group.pk, "clerks")),
        ("UPDATE", key, {"name": ["clerks", "cashiers"]}),
    ]


def test_a_save_that_changes_nothing_is_no_change():
    group = Group.objects.create(name="clerks")
    place = mark()
    group.save()
    Group.objects.update(name="clerks")
    assert since(place) == []


def test_update_bulk_create_and_bulk_update():
    place = mark()
    groups = Group.objects.bulk_create(Group(name=f"group{number}") for number in range(3))
    Group.objects.filter(pk=groups[0].pk).update(name="first")
    for group in groups:
        group.name += "!"
    Group.objects.bulk_update(groups, ["name"])
    entries = since(place, GROUP)
    assert [entry.op for entry in entries] == ["INSERT"] * 3 + ["UPDATE"] * 4
    assert told(entries[3])[2] == {"name": ["group0", "first"]}
    changes = [entry.changes["name"] for entry in entries[4:]]
    assert sorted(changes) == [["first", "group0!"], ["group1", "group1!"], ["group2", "group2!"]]


def test_delete_with_cascade():
    clerk, group = UserFactory(), Group.objects.create(name="clerks")
    clerk.groups.add(group)
    place = mark()
    clerk.delete()
    entries = since(place)
    assert {(entry.op, entry.target_table) for entry in entries} == {
        ("DELETE", "tenancy_user_groups"),
        ("DELETE", "tenancy_user"),
    }
    assert entries[-1].snapshot["username"] == clerk.username


def test_a_cascade_of_the_databases_own():
    run("CREATE TABLE parents (id int PRIMARY KEY)")
    run("CREATE TABLE children (id int PRIMARY KEY, p int REFERENCES parents ON DELETE CASCADE)")
    watch("children")
    run("INSERT INTO parents VALUES (1)")
    run("INSERT INTO children VALUES (5, 1)")
    place = mark()
    run("DELETE FROM parents")
    assert [told(entry) for entry in since(place)] == [("DELETE", "5", {"id": 5, "p": 1})]


def watch(table: str, keys: str = "{id}", masked: str = "{}", ignored: str = "{}") -> None:
    """Track a table that has no model."""
    call = f"agi_audit_capture('{table}', '{keys}', '{masked}', '{ignored}')"
    for event, tables in (
        ("INSERT", "REFERENCING NEW TABLE AS newt"),
        ("UPDATE", "REFERENCING OLD TABLE AS oldt NEW TABLE AS newt"),
        ("DELETE", "REFERENCING OLD TABLE AS oldt"),
        ("TRUNCATE", ""),
    ):
        run(
            f"CREATE TRIGGER audit_{event.lower()} AFTER {event} ON {table} {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {call}"
        )


RAW = {
    "insert": ("INSERT INTO auth_group (name) VALUES ('b')", ["INSERT"]),
    "update": ("UPDATE auth_group SET name = 'b'", ["UPDATE"]),
    "delete": ("DELETE FROM auth_group", ["DELETE"]),
    "update from": ("UPDATE auth_group g SET name = x.n FROM (SELECT 'b' n) x", ["UPDATE"]),
    "upsert that inserts": (
        "INSERT INTO auth_group (name) VALUES ('b') ON CONFLICT (name) DO UPDATE SET name = 'c'",
        ["INSERT"],
    ),
    "upsert that updates": (
        "INSERT INTO auth_group (name) VALUES ('a') ON CONFLICT (name) DO UPDATE SET name = 'c'",
        ["UPDATE"],
    ),
    "upsert that does both": (
        "INSERT INTO auth_group (name) VALUES ('a'), ('z')"
        " ON CONFLICT (name) DO UPDATE SET name = 'c'",
        ["INSERT", "UPDATE"],
    ),
    "merge": (
        "MERGE INTO auth_group g USING (VALUES ('a'), ('n')) v (n) ON g.name = v.n"
        " WHEN MATCHED THEN UPDATE SET name = 'm'"
        " WHEN NOT MATCHED THEN INSERT (name) VALUES (v.n)",
        ["INSERT", "UPDATE"],
    ),
    "merge that deletes": (
        "MERGE INTO auth_group g USING (VALUES ('a')) v (n) ON g.name = v.n"
        " WHEN MATCHED THEN DELETE",
        ["DELETE"],
    ),
    "with": ("WITH d AS (DELETE FROM auth_group RETURNING *) SELECT * FROM d", ["DELETE"]),
    "truncate": ("TRUNCATE auth_group CASCADE", ["TRUNCATE"]),
    "in replica mode": (
        "SET LOCAL session_replication_role = replica; UPDATE auth_group SET name = 'r'",
        ["UPDATE"],
    ),
    "with pgtrigger.ignore": (
        "SELECT set_config('pgtrigger.ignore', '{' || string_agg(tgname, ',') || '}', true)"
        " FROM pg_trigger WHERE NOT tgisinternal; UPDATE auth_group SET name = 'i'",
        ["UPDATE"],
    ),
}


@pytest.mark.parametrize("way", RAW)
def test_raw_sql(way):
    statement, expected = RAW[way]
    Group.objects.create(name="a")
    place = mark()
    run(statement)
    assert sorted(entry.op for entry in since(place, GROUP)) == expected


def test_copy():
    place = mark()
    with (
        audit.context(actor_type="service", actor_label="import"),
        connection.cursor() as cursor,
        cursor.copy("COPY auth_group (name) FROM STDIN") as copy,
    ):
        copy.write("one\ntwo\n")
    entries = since(place, GROUP)
    assert [entry.snapshot["name"] for entry in entries] == ["one", "two"]
    assert {entry.actor_label for entry in entries} == {"import"}


def test_a_key_that_is_changed():
    group = Group.objects.create(name="a")
    place = mark()
    Group.objects.filter(pk=group.pk).update(id=group.pk + 1000)
    [entry] = since(place)
    assert told(entry)[1:] == (str(group.pk + 1000), {"id": [group.pk, group.pk + 1000]})


def test_keys_that_are_swapped_in_one_statement():
    run("CREATE TABLE swapped (id int PRIMARY KEY DEFERRABLE, name text)")
    watch("swapped")
    run("INSERT INTO swapped SELECT n, 'row ' || n FROM generate_series(1, 100) n")
    place = mark()
    run("UPDATE swapped SET id = 101 - id")
    changed = {entry.changes["id"][0]: entry.changes["id"][1] for entry in since(place)}
    assert changed == {number: 101 - number for number in range(1, 101)}


def test_what_is_rolled_back_is_absent():
    place = mark()
    with transaction.atomic():
        Group.objects.create(name="stays")
        with transaction.atomic():
            Group.objects.create(name="goes")
            transaction.set_rollback(True)
    assert [entry.snapshot["name"] for entry in since(place)] == ["stays"]


@pytest.mark.parametrize("rows", [1, 5, 32, 33, 500])
def test_many_rows_are_recorded_as_few_are(rows):
    """Above some rows a statement is recorded by another way; nothing shows."""
    run("CREATE TABLE things (a int, b text, price numeric(9, 2), doc json, at timestamptz,"
        " secret text, noise int, PRIMARY KEY (a, b))")  # fmt: skip
    watch("things", "{a,b}", "{secret}", "{noise}")
    place = mark()
    run(
        "INSERT INTO things SELECT n, 'x', 1.0, '{\"k\": 1}', '2025-01-01', 's', 0"
        " FROM generate_series(1, %s) n", rows,
    )  # fmt: skip
    run("UPDATE things SET price = 2.50, noise = 1, secret = 't'")
    run("UPDATE things SET noise = 2")
    run("DELETE FROM things")
    entries = since(place)
    assert [e.op for e in entries] == ["INSERT"] * rows + ["UPDATE"] * rows + ["DELETE"] * rows
    made, changed, gone = entries[0], entries[rows], entries[-1]
    assert made.target_pk == "1,x"
    assert set(made.snapshot) == {"a", "b", "price", "doc", "at", "secret"}
    assert made.snapshot["at"] == "2025-01-01T00:00:00+00:00"
    assert set(changed.changes) == {"price", "secret"}
    assert changed.changes["price"] == [1.0, 2.5]
    before, after = changed.changes["secret"]
    assert before == made.snapshot["secret"] != after == gone.snapshot["secret"]
    assert before.startswith("hmac:")
    assert len({entry.what_salt for entry in entries}) == 3 * rows


def test_what_looks_equal_to_its_type_is_still_a_change():
    run("CREATE TABLE loose (id int PRIMARY KEY, n numeric, f float8)")
    watch("loose")
    run("INSERT INTO loose SELECT n, 1.0, 1 FROM generate_series(1, 40) n")
    for rows, nothing in ((1, "0.00"), (40, "0.000")):
        place = mark()
        run("UPDATE loose SET n = n + %s::numeric WHERE id <= %s", nothing, rows)
        run("SET LOCAL extra_float_digits = -10")
        run("UPDATE loose SET f = f + 1e-12 WHERE id <= %s", rows)
        assert len(since(place)) == 2 * rows


def test_large_values_are_hashed():
    run("CREATE TABLE documents (id int PRIMARY KEY, title text, body jsonb)")
    watch("documents")
    place = mark()
    run("INSERT INTO documents VALUES (1, 'big', to_jsonb(repeat('0123456789', 1000000)))")
    run("UPDATE documents SET body = '{}'")
    made, changed = since(place)
    assert made.truncated
    assert changed.truncated
    assert made.snapshot["title"] == "big"
    assert made.snapshot["body"]["length"] == 10_000_002
    assert len(made.snapshot["body"]["sha256"]) == 64
    assert "sha256" in json.dumps(changed.changes["body"])


def test_passwords_are_masked_and_log_ins_are_no_change():
    place = mark()
    clerk = UserFactory()
    clerk.set_password("other")
    clerk.save()
    User.objects.update(last_login="2025-01-01T00:00Z")
    made, changed = since(place, "tenancy_user")
    assert made.snapshot["password"].startswith("hmac:")
    assert all(value.startswith("hmac:") for value in changed.changes["password"])
    assert "last_login" not in made.snapshot


def test_permissions_of_users_and_groups_are_seen():
    clerk, group, permission = (
        UserFactory(),
        Group.objects.create(name="g"),
        Permission.objects.first(),
    )
    place = mark()
    clerk.user_permissions.add(permission)
    group.permissions.add(permission)
    clerk.groups.add(group)
    assert {entry.target_table for entry in since(place)} == {
        "tenancy_user_user_permissions", "auth_group_permissions", "tenancy_user_groups",
    }  # fmt: skip


def test_columns_added_behind_the_models_back_are_seen():
    run("ALTER TABLE auth_group ADD COLUMN secret_discount numeric DEFAULT 0")
    group = Group.objects.create(name="a")
    place = mark()
    run("UPDATE auth_group SET secret_discount = 50")
    assert since(place)[0].changes == {"secret_discount": [0, 50]}
    assert str(group.pk) == since(place)[0].target_pk


def test_a_tenants_rows_are_recorded_as_its_own():
    run("CREATE SCHEMA queen")
    run("CREATE TABLE queen.prices (id int PRIMARY KEY, price int)")
    watch("queen.prices")
    run("INSERT INTO queen.prices VALUES (1, 10)")
    assert AuditLog.objects.filter(tenant="queen", op="INSERT").count() == 1


@pytest.mark.django_db(transaction=True)
def test_from_psql(pg18: Server):
    url = url_of("default")
    place = mark()
    statement = "INSERT INTO auth_group (name) VALUES ('by hand')"
    subprocess.run([pg18.psql, "-X", "-q", "-d", url, "-c", statement], check=True)
    [entry] = since(place)
    assert (entry.db_role, entry.app_name) == ("postgres", "psql")
    assert (entry.actor_type, entry.actor_label) == ("system", None)


def test_reserved_types_cannot_be_recorded():
    from django.db import ProgrammingError

    for name in ("row.updated", "table.truncated", "audit.person_erased"):
        with pytest.raises(ProgrammingError, match="only triggers"), transaction.atomic():
            services.record_many([{"event_type": name}])
