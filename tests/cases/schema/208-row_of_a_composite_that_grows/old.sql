create type c as (a int, b text);
create table t(x c, y c[], z int default ((row(1,'a')::c).a));
create view v as select (x).a from t;
create function f(c) returns int language sql as 'select 1';
create domain d as c check ((value).a > 0);
create index on t(((x).a));
