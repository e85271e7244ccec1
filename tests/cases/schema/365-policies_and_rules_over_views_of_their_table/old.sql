CREATE TABLE account (id int PRIMARY KEY, active boolean NOT NULL);
CREATE VIEW active AS SELECT id FROM account WHERE active;
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON account FOR SELECT USING (id IN (SELECT id FROM active));
CREATE TABLE noted (id int);
CREATE VIEW latest AS SELECT max(id) AS id FROM noted;
CREATE RULE once AS ON INSERT TO noted WHERE new.id <= (SELECT l.id FROM latest l) DO INSTEAD NOTHING;
CREATE TABLE kept (id int);
