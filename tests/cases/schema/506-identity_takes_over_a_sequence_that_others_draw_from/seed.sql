insert into t (v) values (1),(2),(3);
