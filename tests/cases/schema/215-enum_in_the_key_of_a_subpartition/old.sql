create type e as enum('a','b');
create table p(a int, k e) partition by range(a);
create table p1 partition of p for values from (0) to (10) partition by list(k);
create table p1a partition of p1 for values in ('a');
