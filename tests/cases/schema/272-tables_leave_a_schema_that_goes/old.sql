create schema a; create schema "B b"; create table a.t (id int primary key); create table "B b"."T.t" (id int references a.t, "x y" int);
create view "B b".v as select "x y" as "select" from "B b"."T.t";
create function a.f(a.t) returns int language sql stable as 'select $1.id';
create domain "B b"."d d" as int; create table a.u (x "B b"."d d" default 3);
