insert into a values (1, 'a'); insert into b values (2, 'b', 2); insert into c values (3, 'c', 3); insert into p values (1, 'p'), (11, 'q');
