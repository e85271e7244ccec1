INSERT INTO stores SELECT n, 'store ' || n, 'city' FROM generate_series(1, 20) n;
INSERT INTO customers SELECT n, 'c' || n || '@example.org', '1990-01-01', n FROM generate_series(1, 2000) n;
INSERT INTO orders (customer, store, total, state, note)
SELECT 1 + n % 2000, 1 + n % 20, n % 500, CASE WHEN n % 3 = 0 THEN 'paid' ELSE 'new' END::status, 'note ' || n
FROM generate_series(1, 5000) n;
INSERT INTO lines SELECT 1 + n % 5000, n / 5000, 'sku' || n % 99, 1 + n % 5 FROM generate_series(0, 9999) n;
INSERT INTO visits SELECT n, date '2026-01-01' + n % 59, 1 + n % 20 FROM generate_series(1, 3000) n;
