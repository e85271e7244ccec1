CREATE TABLE notes (id serial PRIMARY KEY, body text);
ALTER TABLE notes OWNER TO hr1;
CREATE TABLE tags (id bigserial PRIMARY KEY, tag text);
ALTER TABLE tags OWNER TO hr2;
CREATE TABLE same (id serial, body text);
ALTER TABLE same OWNER TO hr1;
