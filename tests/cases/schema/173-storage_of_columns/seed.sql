insert into t values ('a', 'b', 1, '{}', 'e'); insert into p values ('x', 1);
