create table a (id int); create table a1 (extra text) inherits (a);
create table b (id int, n int); create table b1 (extra text) inherits (b);
create table c (id int, n int); create table c1 (constraint pos check (n > 0)) inherits (c);
