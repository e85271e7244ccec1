create type e as enum ('c', 'b', 'a');
create table t (id int primary key, x e not null default 'a', y e[]);
create index on t (x);
