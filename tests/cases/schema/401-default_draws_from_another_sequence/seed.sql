insert into t default values;
insert into t default values;
insert into u values (10);
insert into t (id, n) values (3, -1);
