create type r as range (subtype = float8);
create table t (id int primary key, a r, b r[], c r_multirange);
create function f(r) returns float8 language sql immutable as 'select lower($1)';
create view v as select f(a) as x from t;
comment on type r is 'range'; grant usage on type r to hr1;
