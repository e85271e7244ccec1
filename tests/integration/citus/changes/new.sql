CREATE SCHEMA lab;
CREATE TYPE lab.mood AS ENUM ('a', 'b', 'c');
CREATE DOMAIN lab.positive AS integer CHECK (VALUE > 0);
CREATE SEQUENCE lab.numbers;
CREATE TABLE lab.parent (
    id bigint PRIMARY KEY, name text NOT NULL, code varchar(20), n bigint, up text GENERATED ALWAYS AS (upper(name)) STORED,
    CONSTRAINT new_check CHECK (n > 0), CONSTRAINT kept_check CHECK (id > -1), CONSTRAINT new_key UNIQUE (code)
);
CREATE TABLE lab.child (
    id bigint PRIMARY KEY, parent bigint CONSTRAINT child_fkey REFERENCES lab.parent DEFERRABLE INITIALLY DEFERRED,
    other bigint CONSTRAINT new_fkey REFERENCES lab.parent,
    m lab.mood, number bigint DEFAULT nextval('lab.numbers'), extra lab.positive, more bigint NOT NULL DEFAULT 5
);
CREATE TABLE lab.fresh (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, p bigint REFERENCES lab.parent ON DELETE CASCADE);
CREATE INDEX child_m ON lab.child (m) WHERE number > 3;
CREATE VIEW lab.seen AS SELECT c.id, p.name FROM lab.child c JOIN lab.parent p ON p.id = c.parent;
CREATE MATERIALIZED VIEW lab.counted AS SELECT count(*) AS n FROM lab.parent;
CREATE STATISTICS lab.related ON name, code FROM lab.parent;
COMMENT ON TABLE lab.parent IS 'told';
COMMENT ON COLUMN lab.parent.name IS 'told';
ALTER TABLE lab.parent ENABLE ROW LEVEL SECURITY;
CREATE POLICY positive ON lab.parent USING (id > 0);
CREATE FUNCTION lab.same() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE TRIGGER same BEFORE INSERT ON lab.parent FOR EACH ROW EXECUTE FUNCTION lab.same();
ALTER TABLE lab.child REPLICA IDENTITY FULL;
CREATE TABLE lab.parts (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE lab.parts_1 PARTITION OF lab.parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
