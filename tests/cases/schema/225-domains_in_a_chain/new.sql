create domain d1 as bigint check (value > -1); create domain d2 as d1 default 6; create domain d3 as d2[] check (cardinality(value) < 10);
create table t (id int primary key, a d2, b d3);
create function df(d2) returns d1 language sql as 'select $1';
