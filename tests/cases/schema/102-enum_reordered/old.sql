create type e as enum ('a', 'b', 'c');
create table t (id int primary key, x e not null default 'a', y e[]);
create index on t (x);
