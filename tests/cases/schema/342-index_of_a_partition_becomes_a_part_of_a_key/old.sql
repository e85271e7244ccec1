-- One of two partitions has the index that a key of the whole needs, and hands it over.
CREATE TABLE visit (at date NOT NULL, place text NOT NULL, note text) PARTITION BY RANGE (at);
CREATE TABLE visit_2024 PARTITION OF visit FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE visit_2025 PARTITION OF visit FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
ALTER TABLE ONLY visit ADD CONSTRAINT visit_key PRIMARY KEY (at, place);
CREATE UNIQUE INDEX visit_2024_key ON visit_2024 (at, place);
ALTER TABLE visit_2025 ADD CONSTRAINT visit_2025_key PRIMARY KEY (at, place);
ALTER INDEX visit_key ATTACH PARTITION visit_2025_key;
