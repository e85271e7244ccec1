create table o (id int primary key);create type en as enum ('a','b','z');create unlogged table t (id int generated always as identity primary key, c en, o int);create function f(en) returns text language sql immutable as $$ select 'x'::text $$;
create type oc as (k en, z int); create table oct (a oc, b oc[]); create function ocf(oc) returns en language sql immutable as 'select ($1).k'; create index oci on oct ((ocf(a) is null));
create type ty as (id int, c en); create table tyt of ty;
