INSERT INTO notes VALUES (7, 'x');
INSERT INTO tags VALUES (8, 'y');
INSERT INTO same VALUES (9, 'z');
