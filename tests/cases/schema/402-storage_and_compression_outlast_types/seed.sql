insert into w values (1, 'a', 'b', row(1, 'q'), array['a']::en[], '{}'), (2, 'a', 'b', row(1, 'q'), null, '{}');
insert into h values ('a', 'b');
insert into k values ('a', 'b');
insert into t values (1, 'a', row(1, 'b'));
