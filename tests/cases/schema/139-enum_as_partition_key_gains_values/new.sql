create type e as enum ('a', 'ab', 'b', 'c');
create table t (k e, n int) partition by list (k);
create table ta partition of t for values in ('a', 'ab'); create table tb partition of t for values in ('b');
create table tc partition of t for values in ('c');
