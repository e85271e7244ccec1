insert into w values (5, '5', 1), (1, '1', 2); insert into p1 values ('1', 7, 1, 'today'); insert into p2 values (101, '2', 'x');
