"""Tenants on a cluster: made, written to, brought to the models, moved."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError
from psycopg import sql

from tests import json_schema
from tests.integration.tenancy.test_isolation import wrapper
from tests.project import Project
from weedgo.staged import catalog
from weedgo.tenancy.backend import base as ours
from weedgo.tenancy.backend.activation import kept

WHERE = """
SELECT DISTINCT nodename || ':' || nodeport FROM citus_shards
 WHERE table_name IN (SELECT oid FROM pg_class WHERE relnamespace = %s::regnamespace)
"""
BRAND = "INSERT INTO brands (name, slug) VALUES (%s, %s) RETURNING id"


@pytest.fixture(autouse=True)
def unblocked(django_db_blocker) -> Iterator[None]:
    """Connections of these tests are their own, to a database of their own."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def tenant(site, request) -> str:
    """A tenant of the test's own."""
    name = re.sub(r"\W", "_", request.node.name)[:40].rstrip("_")
    site.project.done("create_tenant", name, "--domain", f"{name}.localhost".replace("_", "-"))
    return name


def local(site: Any, name: str) -> str:
    """A tenant whose tables are the coordinator's own."""
    project = Project({**site.project.environment, "WEEDGO_CITUS": "0"})
    project.done("create_tenant", name, "--domain", f"{name}.localhost")
    return name


def owner(site: Any, *statements: str, schema: str = "") -> Any:
    """Run statements as the owner; the last one's rows, if it has any."""
    rows = None
    with psycopg.connect(site.owner, autocommit=True) as conn:
        for statement in statements:
            cursor = conn.execute(statement.replace("TENANT", schema))
            rows = cursor.fetchall() if cursor.description else None
    return rows


def nodes(site: Any, schema: str) -> list[str]:
    with psycopg.connect(site.owner) as conn:
        return [node for (node,) in conn.execute(WHERE, [schema]).fetchall()]


def told(site: Any, *call: str) -> Any:
    """What a command's --json says, which is as its schema states."""
    document = json.loads(site.project.done(*call, "--json"))
    assert json_schema.problems(document, call[0]) == []
    return document


def write(site: Any, schema: str, name: str) -> int:
    """Write a row as the tenant, through the application's backend."""
    with kept(), closing(wrapper(ours, site.application)) as connection:
        connection.set_schema(schema)
        with connection.cursor() as cursor:
            cursor.execute(BRAND, [name, name])
            (id,) = cursor.fetchone()
    return id


def dumped(site: Any, schema: str) -> list[str]:
    """What pg_dump makes of a schema, without its name."""
    found = subprocess.run(
        ["pg_dump", "--schema-only", "--no-privileges", "--schema", schema, site.owner],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = re.sub(rf"\b{schema}\b", "SCHEMA", found.stdout).splitlines()
    return sorted(line for line in lines if line and not line.startswith(("--", "\\")))


def test_a_new_tenant_is_on_one_node_and_what_the_models_want(site, tenant):
    assert len(nodes(site, tenant)) == 1
    compared = json.loads(site.project.done("compare_schemas", "--tenants", tenant, "--json"))
    assert compared["status"] == "equal"
    # The same as ordinary tables, of which nothing but PostgreSQL knows.
    assert dumped(site, tenant) == dumped(site, local(site, "unspread"))


def test_rows_are_the_tenants(site, tenant):
    write(site, tenant, "Northern")
    owned = (
        "SELECT tenant_id = (SELECT id FROM tenancy_tenant WHERE schema_name = 'TENANT')"
        " FROM TENANT.brands"
    )
    assert owner(site, owned, schema=tenant) == [(True,)]


ACTING = """
import django
django.setup()
from django.db import connection
from audit.contexts import context
from weedgo.store.factories import StoreFactory
class Actor:
    is_authenticated, pk = True, 77
connection.set_schema('TENANT')
with context(actor=Actor()):
    StoreFactory()
"""


def test_changes_come_into_the_log_with_who_made_them(site, tenant):
    done = site.project._python("-c", ACTING.replace("TENANT", tenant))
    assert done.returncode == 0, done.stderr
    logged = (
        "SELECT event_type, target_table, actor_id, db_role ~ '_tenant_' FROM agi_audit_logs"
        " WHERE tenant = 'TENANT'"
    )
    assert owner(site, logged, schema=tenant) == []
    # Twice is once.
    for _ in range(2):
        site.project.done("audit_worker", "--once")
        assert owner(site, logged, schema=tenant) == [("row.inserted", "stores", "77", True)]


def test_an_emptied_table_is_told_of_once(site, tenant):
    owner(site, "TRUNCATE TENANT.promotions CASCADE", schema=tenant)
    site.project.done("audit_worker", "--once")
    told_of = (
        "SELECT target_table, count(*) FROM agi_audit_logs"
        " WHERE tenant = 'TENANT' AND event_type = 'table.truncated' GROUP BY 1 ORDER BY 1"
    )
    assert owner(site, told_of, schema=tenant) == [("discount_codes", 1), ("promotions", 1)]


def test_who_is_to_be_forgotten_is_so_on_the_nodes_too(site, tenant):
    done = site.project._python("-c", ACTING.replace("TENANT", tenant).replace("77", "7077"))
    assert done.returncode == 0, done.stderr
    site.project.done("audit_erase_person", "--user", "7077", "--reason", "asked")
    site.project.done("audit_worker", "--once")
    kept = "SELECT actor_label, erasure_id IS NOT NULL FROM agi_audit_logs WHERE actor_id = '7077'"
    assert owner(site, kept) == [(None, True)]


DRIFT = (
    "ALTER TABLE TENANT.products DROP CONSTRAINT products_price_check",
    "ALTER TABLE TENANT.products ALTER unit_cost_minor DROP NOT NULL",
    "ALTER TABLE TENANT.products DROP COLUMN thc_max CASCADE",
    "ALTER TABLE TENANT.brands ALTER name TYPE varchar(300)",
    "DROP INDEX TENANT.orders_placed_idx",
    "DROP TABLE TENANT.price_history",
    "DROP VIEW TENANT.recent_login_activity",
)


ON_THE_NODE = """
SELECT result FROM run_command_on_shards('TENANT.products', $$
    SELECT count(*) FROM pg_constraint WHERE conrelid = '%s'::regclass
       AND conname LIKE 'products_price_check%%' AND convalidated
$$)
"""


def test_a_tenant_is_brought_to_the_models_and_back(site, tenant):
    owner(site, *DRIFT, schema=tenant)
    drifted = dumped(site, tenant)
    report = site.project.migrate("--tenants", tenant, "--no-backup")
    assert report["status"] == "equal"
    site.project.done("rollback_staged", report["run"])
    assert dumped(site, tenant) == drifted
    site.project.migrate("--tenants", tenant, "--no-backup")
    # On the node too, and not only where the definitions are.
    assert owner(site, ON_THE_NODE, schema=tenant) == [("1",)]


SLIGHT = (
    "DROP INDEX TENANT.orders_placed_idx",
    "ALTER TABLE TENANT.orders ALTER status DROP DEFAULT",
    "ALTER TABLE TENANT.orders DROP COLUMN notes",
)


def test_many_tenants_are_changed_at_once(site, tenant):
    schemas = [tenant, *(f"{tenant[:30]}_{number}" for number in range(3))]
    for name in schemas[1:]:
        site.project.done("create_tenant", name, "--domain", f"{name.replace('_', '-')}.localhost")
    for name in schemas:
        owner(site, *SLIGHT, schema=name)
    report = site.project.migrate("--tenants", *schemas, "--no-backup")
    assert report["status"] == "equal"
    assert report["facts"]["tenants"]["at_once"] == len(schemas)
    compared = told(site, "compare_schemas", "--tenants", *schemas)
    assert compared["status"] == "equal"


def test_a_tenant_of_a_single_server_is_distributed_and_moved(site):
    tenant = local(site, "single")
    assert nodes(site, tenant) == []
    write(site, tenant, "Kept")
    done = told(site, "distribute_tenants", tenant)
    assert (done["distributed"], done["before"]) == ([tenant], [])
    assert told(site, "distribute_tenants", tenant)["before"] == [tenant]
    (source,) = nodes(site, tenant)
    others = [f"{host}:{port}" for host, port, _ in site.cluster.workers]
    target = next((node for node in others if node != source), None)
    if target is None:
        pytest.skip("the cluster has one worker")
    assert told(site, "move_tenant", tenant, target)["status"] == "moved"
    assert nodes(site, tenant) == [target]
    write(site, tenant, "After")
    assert owner(site, "SELECT count(*) FROM TENANT.brands", schema=tenant) == [(2,)]
    there = {node["name"]: node for node in told(site, "database_stats")["nodes"]}
    assert tenant in there[target]["tenants"]
    assert tenant not in there[source]["tenants"]
    assert there[target]["bytes"] > 0
    refused = site.project("move_tenant", tenant, target)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


HIDDEN = """
SELECT count(*) FROM pg_class
 WHERE relnamespace = 'TENANT'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
"""
EMPTIED = "SELECT count(*) FROM agi_audit_logs WHERE event_type = 'table.truncated'"
ALWAYS = """
SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE c.relnamespace = 'TENANT'::regnamespace AND t.tgenabled = 'A' AND t.tgtype & 32 <> 0
"""
STATES = """
SELECT string_agg(tgenabled, '' ORDER BY tgname) FROM pg_trigger
 WHERE tgrelid = '%s'::regclass AND NOT tgisinternal AND tgtype & 32 = 0
"""
STOCK = """
import django
django.setup()
from django.db import connection
from inventory.factories import StockFactory
connection.set_schema('TENANT')
StockFactory(quantity_on_hand=5)
"""


def test_nothing_of_a_tenant_stays_on_the_first_node(site):
    tenant = local(site, "leaves")
    done = site.project._python("-c", STOCK.replace("TENANT", tenant))
    assert done.returncode == 0, done.stderr
    ((always,),) = owner(site, ALWAYS, schema=tenant)
    before = owner(site, EMPTIED)
    site.project.done("distribute_tenants", tenant)
    assert owner(site, HIDDEN, schema=tenant) == [(0,)]
    assert owner(site, "SELECT count(*) FROM TENANT.inventory_movements", schema=tenant) == [(1,)]
    # That was no emptying, and what tells of one still does.
    assert owner(site, EMPTIED) == before
    assert owner(site, ALWAYS, schema=tenant) == [(always,)]
    on_the_node = f"SELECT result FROM run_command_on_shards('TENANT.stores', $$ {STATES} $$)"
    states = owner(site, STATES.replace("'%s'", "'TENANT.stores'"), schema=tenant)
    assert owner(site, on_the_node, schema=tenant) == [(str(states[0][0]),)]
    assert always > 0


REFERENCE = (
    "CREATE TABLE public.grades (id bigint PRIMARY KEY)",
    "INSERT INTO public.grades VALUES (1)",
    "ALTER TABLE TENANT.brands ADD COLUMN grade bigint DEFAULT 1 REFERENCES public.grades",
)


def test_a_shared_table_that_tenants_reference_is_on_each_node(site):
    tenant = local(site, "graded")
    write(site, tenant, "Graded")
    owner(site, *REFERENCE, schema=tenant)
    site.project.done("distribute_tenants", tenant)
    kind = "SELECT citus_table_type FROM citus_tables WHERE table_name = 'public.grades'::regclass"
    assert owner(site, kind) == [("reference",)]
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        owner(site, "UPDATE TENANT.brands SET grade = 2", schema=tenant)
    # The cluster's own tables of it are nobody's to compare.
    with psycopg.connect(site.owner, autocommit=True) as conn:
        names = {obj.id.path for obj in catalog.read(conn) if "grades" in obj.id.path}
    assert names == {"public.grades", "public.grades.id", "public.grades.grades_pkey"}
    owner(site, "ALTER TABLE TENANT.brands DROP COLUMN grade", "DROP TABLE public.grades",
          schema=tenant)  # fmt: skip


def test_a_tenant_that_references_the_tenants_is_refused(site):
    tenant = local(site, "tied")
    owner(site, "ALTER TABLE TENANT.brands ADD COLUMN chain bigint REFERENCES tenancy_tenant",
          schema=tenant)  # fmt: skip
    refused = site.project("distribute_tenants", tenant)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "drop the foreign key" in refused.stderr
    assert nodes(site, tenant) == []


def test_what_becomes_of_a_tenant_becomes_of_it_on_its_node(site, tenant):
    new = "renamed"
    site.project.done("rename_tenant", tenant, new)
    write(site, new, "Northern")
    site.project.done("suspend_tenant", new)
    # Nobody is whom it would be written for.
    with pytest.raises(ProgrammingError):
        write(site, new, "Southern")
    site.project.done("suspend_tenant", new, "--resume")
    write(site, new, "Southern")
    site.project.done("retire_tenant", new)
    site.project.done("delete_tenant", new, "--confirm", new)
    left = "SELECT count(*) FROM pg_namespace WHERE nspname = 'renamed'"
    there = f"SELECT result FROM run_command_on_workers($$ {left} $$)"
    assert set(owner(site, there)) == {("0",)}


SOLD = """
import uuid
import django
django.setup()
from django.db import connection
from inventory import services
from inventory.factories import StockFactory
connection.set_schema('TENANT')
stock = StockFactory(quantity_on_hand=5)
services.adjust(stock.pk, 3, "found")
key = uuid.uuid4()
services.reserve(key, stock.location, [services.Line(stock.sku, 2)])
services.commit(key)
"""


def test_stock_is_sold_on_the_node_and_its_ledger_says_why(site, tenant):
    done = site.project._python("-c", SOLD.replace("TENANT", tenant))
    assert done.returncode == 0, done.stderr
    moves = (
        "SELECT movement_type, quantity_delta, reserved_delta, balance_after"
        " FROM TENANT.inventory_movements ORDER BY seq"
    )
    assert owner(site, moves, schema=tenant) == [
        ("direct_write", 5, 0, 5), ("adjustment", 3, 0, 8), ("reserve", 0, 2, 8),
        ("sale", -2, -2, 6),
    ]  # fmt: skip


def test_a_role_that_may_not_is_kept_from_the_nodes_tables(site, tenant):
    """What a tenant's triggers write beside its tables, it cannot reach itself."""
    with psycopg.connect(site.owner) as conn:
        (role,) = conn.execute(
            "SELECT weedgo_role_of(id) FROM tenancy_tenant WHERE schema_name = %s", [tenant]
        ).fetchone()
        conn.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("SELECT count(*) FROM agi_audit_keys")
