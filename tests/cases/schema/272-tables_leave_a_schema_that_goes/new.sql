create schema a; create schema c; create table c.t (id int primary key); create table a."T.t" (id int references c.t, "x y" int);
create view a.v as select "x y" as "select" from a."T.t";
create function a.f(c.t) returns int language sql stable as 'select $1.id';
create domain a."d d" as int; create table a.u (x a."d d" default 3);
