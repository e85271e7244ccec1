create type e as enum ('a','b','c');
create type ct as (e e);
create table u (c ct);
create domain de as e;
create table w (d de, m ct[]);
