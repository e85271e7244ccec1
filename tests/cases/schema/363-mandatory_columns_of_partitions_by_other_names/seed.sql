INSERT INTO part VALUES (12, 1), (13, 1), (14, 1);
