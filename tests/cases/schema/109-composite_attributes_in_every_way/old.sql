create type ct as (a int, b text, "c c" date);
create type other as (x int);
create table t (id int primary key, v ct, vs other[]);
create view w as select (v).a as a, (v).b as b from t;
create function f(ct) returns text language sql as 'select ($1).b';
comment on type ct is 'ct'; comment on column ct.b is 'b';
