insert into post select n, n, '2024-01-01'::date + n, n, n / 2.0, n / 3.0, n + 1, n from generate_series(1, 20) n;
