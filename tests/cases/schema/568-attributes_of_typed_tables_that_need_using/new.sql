create table o (id int primary key);create unlogged table t (id int generated always as identity primary key, c text, o int);create function f(text) returns text language sql immutable as $$ select 'x'::text $$;
create type oc as (k text, z int); create table oct (a oc, b oc[]); create function ocf(oc) returns text language sql immutable as 'select ($1).k'; create index oci on oct ((ocf(a) is null));
create type ty as (id int, c text); create table tyt of ty;
