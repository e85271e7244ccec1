insert into p values (1, 1, 'w', 'a'), (2, 2, 'w', 'b'); insert into q values (1, 1, 'a'), (5, 2, 'b');
