CREATE SCHEMA lab;
CREATE TYPE lab.mood AS ENUM ('a', 'b');
CREATE SEQUENCE lab.numbers;
CREATE TABLE lab.parent (
    id bigint PRIMARY KEY, name text, code varchar(10), n integer,
    CONSTRAINT old_check CHECK (n > 0), CONSTRAINT kept_check CHECK (id > 0), CONSTRAINT old_key UNIQUE (code)
);
CREATE TABLE lab.child (
    id bigint PRIMARY KEY, parent bigint CONSTRAINT child_fkey REFERENCES lab.parent,
    other bigint CONSTRAINT old_fkey REFERENCES lab.parent,
    m lab.mood, number bigint DEFAULT nextval('lab.numbers')
);
INSERT INTO lab.parent SELECT i, 'n' || i, 'c' || i, i FROM generate_series(1, 100) i;
INSERT INTO lab.child SELECT i, i, i, 'a' FROM generate_series(1, 100) i;
