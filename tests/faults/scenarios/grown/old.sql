CREATE TABLE accounts (id int PRIMARY KEY, name text, kind text);
CREATE TABLE entries (
    id serial PRIMARY KEY, account int NOT NULL REFERENCES accounts (id), amount numeric(8, 2), at timestamp, note text
);
CREATE INDEX entries_account ON entries (account);
CREATE INDEX entries_at ON entries (at);
