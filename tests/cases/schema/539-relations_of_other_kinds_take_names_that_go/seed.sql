insert into x values (1, 'one');
insert into q values (1);
