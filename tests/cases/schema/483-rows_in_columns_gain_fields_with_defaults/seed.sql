insert into cfg values ('a', 'b');
insert into uses (id) values (1), (2);
insert into uses values (3, null);
