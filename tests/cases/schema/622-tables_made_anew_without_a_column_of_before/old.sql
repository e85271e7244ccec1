create table t (a int);
create table p (a int, t text) partition by range (a);
create table p1 partition of p for values from (0) to (9);
create table pd partition of p default;
