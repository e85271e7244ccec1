insert into ref values (1); insert into p values (1, 1, 'a', 1);
