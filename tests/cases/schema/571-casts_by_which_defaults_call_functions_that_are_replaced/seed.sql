insert into t (id, q) values (1,2); insert into u values (default);
