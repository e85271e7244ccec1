-- The journal of staged migrations, made once in each target.

CREATE SCHEMA weedgo_migration;
COMMENT ON SCHEMA weedgo_migration IS 'Journal of the staged migrations of this database';
CREATE TABLE weedgo_migration.run (
    id text PRIMARY KEY,
    started timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished timestamptz,
    status text NOT NULL CHECK (status IN
        ('running', 'equal', 'incomplete', 'failed', 'interrupted', 'undone')),
    source text NOT NULL,
    target text NOT NULL,
    options jsonb NOT NULL,
    source_fingerprint text NOT NULL,
    target_fingerprint text NOT NULL,
    client_host text NOT NULL,
    client_pid integer NOT NULL,
    server_pid integer NOT NULL DEFAULT pg_catalog.pg_backend_pid(),
    engine text NOT NULL,
    continues text REFERENCES weedgo_migration.run,
    client_user text NOT NULL DEFAULT ''
);
CREATE TABLE weedgo_migration.step (
    run text NOT NULL REFERENCES weedgo_migration.run ON DELETE CASCADE,
    seq integer NOT NULL,
    id text NOT NULL,
    stage smallint NOT NULL,
    home smallint NOT NULL,
    action text NOT NULL,
    kind text NOT NULL,
    schema text NOT NULL,
    name text NOT NULL,
    parent text NOT NULL,
    target text NOT NULL,
    status text NOT NULL CHECK (status IN
        ('planned', 'running', 'done', 'failed', 'waiting', 'refused', 'skipped', 'interrupted',
         'undone')),
    attempts integer NOT NULL DEFAULT 0,
    phases smallint NOT NULL DEFAULT 0,
    started timestamptz,
    finished timestamptz,
    elapsed double precision NOT NULL DEFAULT 0,
    sqlstate text NOT NULL DEFAULT '',
    message text NOT NULL DEFAULT '',
    remedy text NOT NULL DEFAULT '',
    needs jsonb NOT NULL,
    statements jsonb NOT NULL,
    undo jsonb NOT NULL,
    no_undo text NOT NULL,
    because text NOT NULL,
    hazards jsonb NOT NULL,
    objects jsonb NOT NULL,
    own integer NOT NULL,
    undo_guards jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (run, seq),
    UNIQUE (run, id)
);
COMMENT ON TABLE weedgo_migration.run IS 'One row per run of migrate_staged';
COMMENT ON TABLE weedgo_migration.step IS 'Every step of a run: what it did and how to undo it';
