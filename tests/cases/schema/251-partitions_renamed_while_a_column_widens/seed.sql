insert into pay select n, n, date '2001-01-10' + n from generate_series(1, 40) n;
