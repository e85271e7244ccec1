insert into t (id, c) values (5, 'a');insert into t (id, c) values (15, 'a');
