create type r as range (subtype = float8, subtype_diff = float8mi, multirange_type_name = "many R");
create table t (id int primary key, a r, b r[], c "many R");
create function f(r) returns float8 language sql immutable as 'select lower($1)';
create view v as select f(a) as x from t;
create table u (a r default '[1,2)', m "many R" default '{}');
comment on type r is 'range'; grant usage on type r to hr1;
