CREATE TABLE coin (id bigint PRIMARY KEY);
CREATE TABLE "coin use" (coin bigint REFERENCES coin);
CREATE TABLE tag (id int, CONSTRAINT tag_key PRIMARY KEY (id));
