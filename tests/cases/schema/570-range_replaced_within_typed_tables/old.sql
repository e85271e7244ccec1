create table o (id int primary key);create type rg as range (subtype=float8);create unlogged table t (id int generated always as identity primary key, c rg, o int);create function f(rg) returns text language sql immutable as $$ select 'x'::text $$;
alter table t alter c set default '[1,2)';
create type ty as (id int, c rg); create table tyt of ty; 
alter table t add constraint ck check (f(c) <> '');
create rule ru as on insert to t where new.c is null do also insert into o values (99);
create index ifx on t (f(c));
create type oc as (k rg, z int); create table oct (a oc, b oc[]); create function ocf(oc) returns rg language sql immutable as 'select ($1).k'; create index oci on oct ((ocf(a) is null));
