create schema s1; create schema s2;
create type s1.e as enum ('a','b');
create domain s1.d as int check (value > 0);
create table s1.t (id serial primary key, e s1.e default 'a', d s1.d, es s1.e[]);
create index on s1.t (e);
create view s1.v as select id, e from s1.t;
