insert into par values (1, 1); insert into t(id, n, f) values (1, 5, 1), (2, 6, 1); insert into kid values (1);
