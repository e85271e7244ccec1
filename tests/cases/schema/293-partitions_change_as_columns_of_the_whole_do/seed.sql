insert into pay select n, 'x', date '2001-01-01' + n from generate_series(0, 20) n;
insert into jars values (2, 7, 'two');
insert into pay values (40, 'y', '2001-01-31');
insert into logs values (1, '2001-01-05', '5', 'five'), (2, '2001-01-06', '6', 'six'), (3, '2001-02-07', '7', null), (4, '2001-02-20', '8', null);
