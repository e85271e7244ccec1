create table t (id int primary key); create function f() returns int language sql as 'select 1'; create type e as enum ('a'); create schema s;
revoke all on t from current_user; grant all on t to public; revoke all on function f() from public; revoke all on function f() from current_user;
revoke all on type e from public; revoke all on type e from current_user; revoke create on schema s from current_user; grant all on schema s to hr1 with grant option;
revoke all on schema public from public; revoke usage on schema public from pg_database_owner;
