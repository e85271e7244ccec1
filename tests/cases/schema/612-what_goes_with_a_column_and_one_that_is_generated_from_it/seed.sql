insert into t (id, a) values (1, 2), (2, null);
