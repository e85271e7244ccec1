insert into p values (1, 'a'), (2, 'b');
insert into q values (1, '[1,2)');
insert into s values ('abc', '7');
