BEGIN;
INSERT INTO crew VALUES ('gull', 1), ('tern', 2);
INSERT INTO watch VALUES ('gull', 1), ('tern', 2);
COMMIT;
