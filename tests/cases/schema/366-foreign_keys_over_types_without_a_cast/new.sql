CREATE TABLE coin (id timestamp PRIMARY KEY);
CREATE TABLE "coin use" (coin timestamp REFERENCES coin);
CREATE TABLE tag (id int);
CREATE UNIQUE INDEX tag_key ON tag (id);
