insert into t (id, a) values (1, 2); insert into u values (1, 2);
