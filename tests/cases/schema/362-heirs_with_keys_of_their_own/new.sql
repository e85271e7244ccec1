CREATE TABLE standing (id int NOT NULL, note text);
CREATE TABLE base (id uuid PRIMARY KEY, name text NOT NULL, CONSTRAINT none_here CHECK (false) NO INHERIT);
CREATE TABLE heir (PRIMARY KEY (id)) INHERITS (base);
CREATE TABLE other (extra int) INHERITS (base);
CREATE TABLE late (PRIMARY KEY (id)) INHERITS (standing);
