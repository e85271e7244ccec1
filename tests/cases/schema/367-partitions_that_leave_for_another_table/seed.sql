INSERT INTO early VALUES (1, 'a', 'x'), (2, 'b', 'y');
INSERT INTO keyed VALUES (1, 'a');
INSERT INTO stays VALUES (1, 'm'), (2, 'r');
