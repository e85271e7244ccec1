insert into item values (1, 10, 'a', 7), (2, 20, 'b', 8);
insert into part values (1, 10, 1, 'a', 7), (2, 20, 2, 'b', 8);
insert into self values (1, null, 4), (2, 1, 5);
