insert into p values (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c');
insert into h1 values (1, 1);
