-- The index of the whole goes, with those of its partitions, for a key under its name.
CREATE TABLE visit (at date NOT NULL, place text NOT NULL, note text) PARTITION BY RANGE (at);
CREATE TABLE visit_2024 PARTITION OF visit FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE visit_2025 PARTITION OF visit FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE UNIQUE INDEX visit_key ON visit (at, place);
CREATE UNIQUE INDEX visit_note ON visit (at, note);
