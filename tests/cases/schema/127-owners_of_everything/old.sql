create schema s; create table t (id serial primary key, i int generated always as identity, a text); create sequence q; create view v as select a from t;
create materialized view m as select a from t; create type e as enum ('a'); create domain d as int; create type c as (a int);
create type r as range (subtype = int4); create function f(int) returns int language sql as 'select 1';
create procedure p() language sql as 'select 1'; create aggregate ag(int) (sfunc = int4pl, stype = int);
create collation co (provider = libc, locale = 'C'); create operator === (leftarg = int, rightarg = int, function = int4eq);
create text search configuration cfg (copy = simple); create text search dictionary dict (template = simple);
create statistics st on id, a from t; create publication pb for table t; create foreign data wrapper w; create server sv foreign data wrapper w;
create table pt (id int) partition by range (id); create table pt1 partition of pt for values from (0) to (9);
grant select on t to hr1;
