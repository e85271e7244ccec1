create type c as (a int, b text, d date);
create table t(x c, y c[], z int default ((row(1,'a',null)::c).a));
create view v as select (x).a, (x).d from t;
create function f(c) returns int language sql as 'select 2';
create domain d as c check ((value).a > 1);
create index on t(((x).a));
