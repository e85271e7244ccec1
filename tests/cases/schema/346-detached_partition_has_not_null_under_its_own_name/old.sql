-- A partition leaves, and its NOT NULL takes the name that its own table would have given.
CREATE TABLE log (at date NOT NULL, line text NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE log_2025 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
