create table p(a int, d int, x text) partition by range(d);
create table p1 partition of p for values from (0) to (10) partition by list(a);
create table p1a partition of p1 for values in (1);
create table p1d partition of p1 default;
create table p2 partition of p for values from (10) to (20) partition by list(a);
create table p2a partition of p2 for values in (1,2,3);
create table pd partition of p default;
