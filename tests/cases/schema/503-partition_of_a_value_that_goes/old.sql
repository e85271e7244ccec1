create type st as enum ('a','b','c');
create table ev (id int, s st) partition by list (s);
create table ev_a partition of ev for values in ('a');
create table ev_b partition of ev for values in ('b');
create table ev_c partition of ev for values in ('c');
