insert into ch values (1, 1), (2, 1), (3, 2), (4, 4); insert into r values (3), (7); insert into u values (1, 3), (2, 7);
