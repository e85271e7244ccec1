create table old (id int); create table t (id serial primary key); create function f() returns int language sql as 'select 1'; create schema s;
alter default privileges grant select, insert on tables to hr1 with grant option;
alter default privileges in schema public grant update on tables to hr2;
alter default privileges in schema s grant usage on sequences to public;
alter default privileges revoke execute on functions from public;
alter default privileges revoke all on types from public;
alter default privileges for role hr5 in schema public grant select, delete on tables to hr2;
