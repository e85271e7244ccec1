INSERT INTO customers (id, email, points) SELECT n, 'late' || n, 1 FROM generate_series(9001, 9009) n;
UPDATE orders SET note = 'late' WHERE id % 50 = 0;
DELETE FROM visits WHERE id % 100 = 0;
INSERT INTO lines VALUES (1, 99, 'late', 3);
