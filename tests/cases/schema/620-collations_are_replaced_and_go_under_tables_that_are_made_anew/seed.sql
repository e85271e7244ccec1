insert into p values ('a', 'b'), ('x', 'y'); insert into t values (1, 'q');
