insert into t values (1, '10', 3), (2, '20', 4); insert into r values ('10');
