insert into t (id, v) values (1, 'a'), (2, 'b'), (3, 'c');
insert into r values (1, 1), (2, 2);
insert into l (v) values ('a'), ('bb'), ('ccc');
