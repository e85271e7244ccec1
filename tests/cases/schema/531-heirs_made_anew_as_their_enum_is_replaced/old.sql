create type e as enum ('a', 'b', 'gone');
create table p (id int, c e default 'a', d text);
create table q (x int, c e default 'b') inherits (p);
create table q1 (y int) inherits (q);
create table s (c e) inherits (p);
create index on q (c);
create view v as select id, c from p;
