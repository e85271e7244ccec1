create type e as enum ('a', 'b');
create table t (id int primary key, x e not null default 'b', y e[] default '{a}');
create index on t (x);
create function f(e) returns int language sql as 'select 1';
