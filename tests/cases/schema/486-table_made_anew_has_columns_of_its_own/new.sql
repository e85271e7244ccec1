create type e as enum ('b','a');
create table t (id int, a e, primary key (id)) partition by range (id);
create table t1 partition of t for values from (0) to (100);
create table t2 partition of t default;
create domain d as varchar(30);
create table u (d d, dd d[]);
