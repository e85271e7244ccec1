CREATE TABLE accounts (id int PRIMARY KEY, "Full name" text COLLATE "C");

CREATE VIEW plain AS SELECT id, "Full name" FROM accounts;

CREATE VIEW first AS SELECT id FROM accounts;
CREATE VIEW second AS SELECT id FROM first;
CREATE OR REPLACE VIEW first AS SELECT id FROM second;
CREATE VIEW outside AS SELECT id + 1 AS next FROM second;

CREATE VIEW gone AS SELECT id FROM accounts;
CREATE OR REPLACE VIEW gone AS SELECT id FROM gone;
