create type e as enum ('b', 'a');
create table p (id int, c e default 'a', d text);
create table q (x int) inherits (p);
create table q1 (y int) inherits (q);
create table s (d text) inherits (p);
create index on q (c);
create view v as select id, c from p;
