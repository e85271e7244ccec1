select lo_from_bytea(4242, 'abc'); comment on large object 4242 is 'lo'; grant select on large object 4242 to hr1;
create schema x; create schema y; create table x.t (a int); create table y.t (a text);
create function g() returns int language sql set search_path = x as 'select max(a) from t'; create function h() returns text language plpgsql set search_path to y, x set datestyle = 'ISO, DMY' set "my.var" = 'a,"b' as $$ declare r t%rowtype; v t.a%type; begin select * into r from t; return r.a; end $$;
create table u (o oid, d int default g()); create view v as select g() g, h() h;
create function seg(anyelement, variadic anyarray) returns anyelement language sql immutable as 'select $1'; create function sup(int) returns int language sql support generate_series_int4_support as 'select 1'; create table w (a int, b int generated always as (seg(a, 1, 2)) stored);
