insert into a values (1, 2), (2, 3); insert into b values (1, 1);
