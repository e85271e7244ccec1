"""The holes between tenants, on a cluster: closed there too, and on the nodes themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.integration.tenancy.test_isolation import HOLES, ask, crowd, wrapper
from weedgo.tenancy.backend import base as ours
from weedgo.tenancy.backend.activation import kept


@pytest.fixture(autouse=True)
def unblocked(django_db_blocker) -> Iterator[None]:
    """Connections of these tests are their own, to a database of their own."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def connection(site) -> Iterator[Any]:
    """A connection by our backend, as the application's log-in."""
    made = wrapper(ours, site.application)
    with kept():
        yield made
        made.close()


@pytest.mark.parametrize("hole", HOLES)
def test_a_tenants_sql_reads_and_writes_nothing_of_others(connection, hole):
    connection.set_schema("ash")
    assert ask(connection, "SELECT word FROM words") == "ash"
    assert ask(connection, HOLES[hole]) is None


def test_nobody_active_reads_nothing(connection):
    connection.deactivate()
    assert ask(connection, "SELECT count(*) FROM ash.words") is None


def test_a_tenants_role_is_kept_out_of_others_on_the_nodes(site):
    """A node refuses by itself: no trust is put in the coordinator."""
    with psycopg.connect(site.owner) as conn:
        (role,) = conn.execute(
            "SELECT weedgo_role_of(id) FROM tenancy_tenant WHERE schema_name = 'ash'"
        ).fetchone()
        shard, host, port = conn.execute(
            "SELECT shardid, nodename, nodeport FROM citus_shards"
            " WHERE table_name = 'birch.words'::regclass"
        ).fetchone()
    name = conninfo_to_dict(site.owner)["dbname"]
    with psycopg.connect(site.cluster.at(host, port, name), autocommit=True) as conn:
        conn.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
        for table in (("birch", f"words_{shard}"), ("public", "tenancy_tenant"),
                      ("public", "agi_audit_logs"), ("public", "agi_audit_keys")):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(*table)))


@pytest.mark.parametrize("pooler", [False, True])
def test_a_crowd_reads_its_own_rows_only(site, pooler):
    assert crowd(site, turns=30, TRANSACTION_POOLER=pooler) == []
