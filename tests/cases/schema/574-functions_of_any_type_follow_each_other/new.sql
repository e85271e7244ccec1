create schema x; create schema y; create table x.t (a bigint); create table y.t (a varchar(5), b int);
create function g() returns bigint language sql set search_path = x, pg_temp as 'select max(a) from t'; create function h() returns text language plpgsql set search_path to 'y', "X y" set datestyle from current set work_mem = '5MB' as $$ declare r t%rowtype; v t.a%type; begin select * into r from t; return r.a; end $$;
create table u (o oid, d bigint default g()); create view v as select g() g, h() h;
create function seg(anycompatible, variadic anycompatiblearray) returns anycompatible language sql immutable as 'select $1'; create function sup(int) returns setof int language sql rows 3 as 'select 1'; create table w (a bigint, b bigint generated always as (seg(a, 1, 2)) stored);
