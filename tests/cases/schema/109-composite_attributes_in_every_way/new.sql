create type ct as ("c c" date, b varchar(20), n numeric, a bigint);
create type other as (x int, y text collate "C");
create table t (id int primary key, v ct, vs other[]);
create view w as select (v).a as a, (v).b as b from t;
create function f(ct) returns text language sql as 'select ($1).b';
comment on type ct is 'ct'; comment on column ct.n is 'n';
