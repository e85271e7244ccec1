insert into p values (1, 'a', 1), (11, 'b', 2);
