insert into a values (1); insert into a1 values (2, 'x');
insert into b1 values (1, 1, 'x'); insert into c1 values (1, 1);
