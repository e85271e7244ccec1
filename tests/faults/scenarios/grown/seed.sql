INSERT INTO accounts SELECT n, 'account ' || n, CASE WHEN n % 2 = 0 THEN 'a' END FROM generate_series(1, 500) n;
INSERT INTO entries (account, amount, at, note)
SELECT 1 + n % 500, n % 900, '2026-01-01'::timestamp + n * interval '1 min', 'note ' || n FROM generate_series(1, 6000) n;
