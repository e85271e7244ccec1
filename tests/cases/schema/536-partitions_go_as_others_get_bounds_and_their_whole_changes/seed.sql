insert into c (id, r, v) values (1, 'a', 'x');
insert into d values (1, 'eu', 'e'), (2, 'us', 'u');
insert into o values (1, 'eu', 1), (2, 'us', 2);
