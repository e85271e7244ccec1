insert into p values (1, 'a', 1); insert into a values (1, 1); insert into b values (1, 1); insert into c values (1, 1);
