insert into z values (1); insert into p values (2, 'q'); insert into a values (1, '2');
