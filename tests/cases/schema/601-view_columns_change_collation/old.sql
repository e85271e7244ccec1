CREATE TABLE words (id int PRIMARY KEY, word text, other varchar(20) COLLATE "C");
CREATE VIEW listed AS SELECT word, other, id FROM words;
CREATE VIEW upper AS SELECT upper(word) AS word FROM listed;
