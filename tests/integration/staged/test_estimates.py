"""What is read of some schemas stays fast where the planner knows catalogs as they once were."""

from __future__ import annotations

import psycopg

from tests.conftest import Database
from tests.servers import Server
from weedgo.staged import queries

TABLE = "CREATE TABLE s.t{} (id int PRIMARY KEY, a int NOT NULL DEFAULT 1, b text);"


def test_dependencies_are_looked_up_when_statistics_are_of_an_empty_database(
    any_server: Server, database: Database
) -> None:
    with psycopg.connect(database(any_server)) as conn:
        conn.execute("ANALYZE")
        conn.commit()
        conn.execute(f"CREATE SCHEMA s; {''.join(map(TABLE.format, range(300)))}".encode())
        query = queries.within("depend", conn.info.server_version // 10000, ["s"])
        plan = conn.execute(f"EXPLAIN {query}".encode()).fetchall()
    assert "using pg_depend_depender_index" in str(plan)
