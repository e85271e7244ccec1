INSERT INTO stock VALUES ('a', 1, 5), ('b', 2, 6);
