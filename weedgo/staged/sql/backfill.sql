-- How far the batches of each table are that values are filled into, for the next run to go on.

CREATE TABLE IF NOT EXISTS weedgo_migration.backfill (
    subject text NOT NULL,
    relation text NOT NULL,
    value text NOT NULL,
    run text NOT NULL,
    place text[],
    rows bigint NOT NULL DEFAULT 0,
    batches integer NOT NULL DEFAULT 0,
    started timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished timestamptz,
    PRIMARY KEY (subject, relation)
);
COMMENT ON TABLE weedgo_migration.backfill IS
    'How far the batches are that fill a column, by relation: the last key (or block) that is done';
