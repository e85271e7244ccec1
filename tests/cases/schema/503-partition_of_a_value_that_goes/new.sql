create type st as enum ('a','b');
create table ev (id int, s st) partition by list (s);
create table ev_a partition of ev for values in ('a');
create table ev_b partition of ev for values in ('b');
