create function f(int) returns int language sql immutable as 'select $1+1';
create function ok(int) returns bool language sql immutable as 'select $1 is not null';
create table t (id int primary key, n int, g int generated always as (f(n)) stored, check (ok(n)), check (f(n) > 0));
create index on t (f(n));
create index on t (g);
create statistics st on (f(n)), id from t;
create view v as select id, f(n), g from t;
