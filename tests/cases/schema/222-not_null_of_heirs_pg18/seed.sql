insert into a2 values (1, 1, 'x'); insert into b1 values (1, 1);
