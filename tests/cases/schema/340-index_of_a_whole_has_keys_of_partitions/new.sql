CREATE TABLE visit (at date NOT NULL, place text NOT NULL, note text) PARTITION BY RANGE (at);
CREATE TABLE visit_2024 PARTITION OF visit FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE visit_2025 PARTITION OF visit FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE UNIQUE INDEX visit_at_place ON ONLY visit (at, place);
ALTER TABLE visit_2024 ADD CONSTRAINT visit_2024_key PRIMARY KEY (at, place);
ALTER INDEX visit_at_place ATTACH PARTITION visit_2024_key;
CREATE UNIQUE INDEX visit_2025_at_place ON visit_2025 (at, place);
ALTER INDEX visit_at_place ATTACH PARTITION visit_2025_at_place;
