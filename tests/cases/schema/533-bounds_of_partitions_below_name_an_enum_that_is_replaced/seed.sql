insert into t values (1, 'a', 'x'), (2, 'b', 'x'), (3, 'a', 'y'), (20, 'c', 'y');
insert into u values (1, 1, 'a', 'x'), (2, 20, 'c', 'y');
insert into w values (1, 'x');
