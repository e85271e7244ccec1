insert into ref values (1); insert into p(k, v, r) values ('2010-01-01', 'a', 1), ('2021-01-01', 'b', 1); insert into child select id, k from p;
