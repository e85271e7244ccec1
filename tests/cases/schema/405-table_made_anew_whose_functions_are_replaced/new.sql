create function f(int) returns bigint language sql immutable as 'select $1+1';
create function ok(int, int default 3) returns bool language sql immutable as 'select $1 is not null';
create table t (id int, n int, g bigint generated always as (f(n)) stored, check (ok(n)), check (f(n) > 0), primary key (id)) partition by range (id);
create table t1 partition of t for values from (0) to (100);
create table t2 partition of t default;
create index on t (f(n));
create index on t (g);
create statistics st on (f(n)), id from t;
create view v as select id, f(n), g from t;
