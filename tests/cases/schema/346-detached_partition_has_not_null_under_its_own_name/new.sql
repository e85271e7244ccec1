CREATE TABLE log (at date NOT NULL, line text NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE log_2025 (at date NOT NULL, line text NOT NULL);
