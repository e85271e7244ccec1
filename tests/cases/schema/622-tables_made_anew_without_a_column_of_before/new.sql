create table t (b int default 5) partition by list (b);
create table t5 partition of t for values in (5);
create table td partition of t default;
create table p (k text default 'x') partition by list (k);
create table p1 partition of p for values in ('x');
create table pd partition of p default;
