insert into pay select n, n % 3, date '2000-12-20' + n from generate_series(1, 20) n;
