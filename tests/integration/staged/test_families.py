"""Indexes of partitioned tables, of which keys of partitions are parts."""

from __future__ import annotations

from tests.conftest import Database
from tests.integration.staged.both import pair
from tests.servers import Server
from weedgo.staged.model import DropMode, Event

WHOLE = """
CREATE TABLE whole (id int NOT NULL, kind text NOT NULL) PARTITION BY LIST (kind);
CREATE TABLE part (id int, kind text, CONSTRAINT part_key PRIMARY KEY (kind, id));
ALTER TABLE whole ATTACH PARTITION part FOR VALUES IN ('a');
"""
REFERS = """
CREATE SCHEMA apart;
CREATE TABLE apart.refers (id int, kind text, FOREIGN KEY (kind, id) REFERENCES part (kind, id));
"""


def test_nothing_that_came_after_the_plan_goes_with_an_index(
    pg18: Server, database: Database
) -> None:
    index = "CREATE UNIQUE INDEX whole_unique ON whole (kind, id);"
    shop = pair(pg18, database, WHOLE + index, WHOLE)

    def meanwhile(event: Event) -> None:
        if event.what == "planned" and "refers" not in str(shop.dump()):
            shop.do(REFERS)

    report = shop.migrate(meanwhile, drop=DropMode.DROP)
    assert [r.sqlstate for r in report.results] == ["2BP01"]
    assert "needs a key that is a part of" in report.results[0].message
    assert "refers_kind_id_fkey" in str(shop.dump())
    # The next run knows it, and makes it again.
    assert shop.migrate(drop=DropMode.DROP, schemas=("public",)).status == "equal"
    assert "refers_kind_id_fkey" in str(shop.dump())
    assert "whole_unique" not in str(shop.dump())


def test_a_part_of_another_name_is_renamed_though_nothing_is_dropped(
    pg18: Server, database: Database
) -> None:
    index = "CREATE INDEX whole_index ON whole (id);"
    old = "CREATE INDEX old_name ON part (id);" + index
    new = "CREATE INDEX new_name ON part (id);" + index
    shop = pair(pg18, database, WHOLE + old, WHOLE + new)
    report = shop.migrate()
    assert report.status == "equal"
    sent = [s.sql for r in report.results for s in r.step.statements]
    assert sent == ['ALTER INDEX "public"."old_name" RENAME TO "new_name"']
