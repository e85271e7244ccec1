CREATE TABLE accounts (id bigint PRIMARY KEY, name text, kind text NOT NULL, region text NOT NULL);
CREATE TABLE entries (
    id serial PRIMARY KEY, account bigint NOT NULL REFERENCES accounts (id), amount numeric(8, 2), at timestamp, note text,
    day date NOT NULL
);
CREATE INDEX entries_account ON entries (account);
CREATE INDEX entries_at ON entries (at);
CREATE INDEX entries_day ON entries (day);
