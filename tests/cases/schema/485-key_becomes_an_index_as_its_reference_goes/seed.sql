insert into t values (1, 'x');
insert into r values (1);
