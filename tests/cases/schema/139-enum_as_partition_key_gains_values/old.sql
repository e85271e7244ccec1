create type e as enum ('a', 'b');
create table t (k e, n int) partition by list (k);
create table ta partition of t for values in ('a'); create table tb partition of t for values in ('b');
