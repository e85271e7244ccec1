insert into t (id, p, nm) values (1, 'a.b', 'x');
