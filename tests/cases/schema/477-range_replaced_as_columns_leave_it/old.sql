create type r as range (subtype = float8, multirange_type_name = many);
create table t (id int primary key, a r, b r[], c many);
create function f(r) returns float8 language sql immutable as 'select lower($1)';
create view v as select f(a) as x, id from t;
create table u (a r default '[1,2)', m many default '{}');
comment on type r is 'range';
