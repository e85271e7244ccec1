INSERT INTO late VALUES (1, 'a', 'x'), (2, 'b', 'y'); INSERT INTO locked VALUES (1, 'a'); INSERT INTO takes VALUES (1, 'm'); INSERT INTO stays VALUES (2, 'r');
