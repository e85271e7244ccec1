create table a (id int, n int default 3, constraint few check (n > 0)); create table a1 (extra text, n int default 4) inherits (a);
create table b (id int, n int, constraint pos check (n > 0)); create table b1 (extra text, constraint pos check (n > 0)) inherits (b);
create table c (id int, n int, constraint pos check (n > 0)); create table c1 () inherits (c);
