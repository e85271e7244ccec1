CREATE TABLE IF NOT EXISTS operation (
    id integer PRIMARY KEY, provider text NOT NULL, key text NOT NULL, kind text NOT NULL,
    minor integer NOT NULL, currency text NOT NULL, method text NOT NULL, of text NOT NULL,
    succeeded integer NOT NULL, reference text NOT NULL, code text NOT NULL, payout text
);
CREATE INDEX IF NOT EXISTS operation_key ON operation (provider, key, kind);
CREATE INDEX IF NOT EXISTS operation_reference ON operation (provider, reference);
CREATE INDEX IF NOT EXISTS operation_of ON operation (of);
CREATE TABLE IF NOT EXISTS told (id integer PRIMARY KEY, provider text NOT NULL, mode text NOT NULL);
CREATE TABLE IF NOT EXISTS asked (
    provider text NOT NULL, key text NOT NULL, times integer NOT NULL, PRIMARY KEY (provider, key)
);
CREATE TABLE IF NOT EXISTS arriving (
    id integer PRIMARY KEY, provider text NOT NULL, key text NOT NULL, kind text NOT NULL,
    minor integer NOT NULL, currency text NOT NULL, method text NOT NULL, of text NOT NULL, at real NOT NULL
);
CREATE TABLE IF NOT EXISTS dispute (
    reference text PRIMARY KEY, provider text NOT NULL, of text NOT NULL, minor integer NOT NULL,
    currency text NOT NULL, status text NOT NULL, reason text NOT NULL, stage text NOT NULL,
    fee integer NOT NULL, due_at real, evidence text
);
CREATE TABLE IF NOT EXISTS event (
    id integer PRIMARY KEY, provider text NOT NULL, type text NOT NULL, reference text NOT NULL, key text NOT NULL
);
