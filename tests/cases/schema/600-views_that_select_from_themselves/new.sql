CREATE TABLE accounts (id int PRIMARY KEY, "Full name" text COLLATE "C");

CREATE VIEW plain AS SELECT id, "Full name" FROM accounts;
CREATE OR REPLACE VIEW plain WITH (security_barrier) AS SELECT id, "Full name" FROM plain WHERE id > 0;
COMMENT ON VIEW plain IS 'of itself';
GRANT SELECT ON plain TO PUBLIC;

CREATE VIEW first AS SELECT id FROM accounts;
CREATE VIEW second AS SELECT id FROM first;

CREATE VIEW one_way AS SELECT id, "Full name" FROM accounts;
CREATE VIEW other_way AS SELECT * FROM one_way;
CREATE OR REPLACE VIEW one_way AS SELECT id, "Full name" FROM other_way;
