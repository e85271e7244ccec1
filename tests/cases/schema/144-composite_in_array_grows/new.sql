create type ct as (a int, b text); create table t (id int primary key, vs ct[]); create function f(ct[]) returns int language sql as 'select 2';
