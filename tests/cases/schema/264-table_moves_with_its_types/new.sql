create schema s1; create schema s2;
create type s2.e as enum ('a','b');
create domain s2.d as int check (value > 0);
create table s2.t (id serial primary key, e s2.e default 'a', d s2.d, es s2.e[]);
create index on s2.t (e);
create view s2.v as select id, e from s2.t;
