create schema app;
create table app.t (id bigint primary key, a bigint, b text, c int default 4);
create type person as (name text, age bigint, mail text);
create table staff of person (primary key (name));
create table base (id bigint primary key, v numeric default 2, n text not null default 'q');
create table heir2 (w bigint) inherits (base);
