create schema "S s"; create table t (id serial primary key, a text, "B b" int); create sequence q; create view v as select a, id from t;
create materialized view m as select a from t; create type e as enum ('a'); create domain d as int; create type c as (a int);
create type r as range (subtype = int4);
create function f(int, text[]) returns int language sql as 'select 1'; create procedure p(inout int) language sql as 'select 1';
create aggregate ag(int) (sfunc = int4pl, stype = int);
grant all on t to hr1; grant select on v to hr2; grant usage on schema "S s" to hr1;
grant select on t to hr3 with grant option;
