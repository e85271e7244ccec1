insert into p values (1, 'a', 'p');
insert into q values (2, 'b', 'q', 1);
insert into q1 values (3, 'a', 'q1', 1, 2);
insert into s values (4, 'b', 's');
