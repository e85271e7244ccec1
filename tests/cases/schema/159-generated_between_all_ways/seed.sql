insert into t(a, plain) values (1, 101), (2, 102);
