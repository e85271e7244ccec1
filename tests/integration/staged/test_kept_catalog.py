"""A catalog that was read outlives its connection: it is kept for the next run."""

from __future__ import annotations

import pickle

import psycopg

from weedgo.staged import catalog


def test_a_catalog_is_the_same_after_it_was_kept(pg18, database):
    with psycopg.connect(database(pg18), autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE a (id serial PRIMARY KEY, b int REFERENCES a); COMMENT ON TABLE a IS 'a';"
            "CREATE VIEW v AS SELECT id FROM a; COMMENT ON VIEW v IS 'v'"
        )
        read = catalog.read(connection)
        kept = pickle.dumps(read)
        again = pickle.loads(kept)
    assert dict(again.objects) == dict(read.objects)
    assert again.needs == read.needs
    assert again.fingerprint == read.fingerprint
