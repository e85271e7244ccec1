insert into t (id, v) values (1, 10), (2, 20);
