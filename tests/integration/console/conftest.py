"""A journal that a real run wrote in the tests' database."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from weedgo.console.models import Run
from weedgo.databases import url_of
from weedgo.staged import migrate
from weedgo.staged.model import Options

HAS = """
CREATE SCHEMA lab;
CREATE TABLE lab.samples (id integer PRIMARY KEY, label text);
INSERT INTO lab.samples VALUES (1, NULL), (2, 'two');
"""
WANTS = """
CREATE SCHEMA lab;
CREATE TABLE lab.samples (id integer PRIMARY KEY, label text NOT NULL);
CREATE INDEX samples_label_idx ON lab.samples (label);
CREATE TABLE lab.shelves (id integer PRIMARY KEY);
"""


@pytest.fixture
def ran(transactional_db: None, pg18, database, tmp_path) -> Iterator[Run]:
    """A run that did an index and a table, and was refused a NOT NULL; gone after the test."""
    source, target = database(pg18), url_of("default")
    with psycopg.connect(source) as conn:
        conn.execute(WANTS)
    with psycopg.connect(target, autocommit=True) as conn:
        conn.execute(HAS)
        report = migrate(
            source, target, Options(schemas=("lab",)), output=tmp_path / "run", backup=False
        )
        yield Run.objects.get(pk=report.run)
        conn.execute("DROP SCHEMA lab CASCADE; DROP SCHEMA weedgo_migration CASCADE")
