create type e as enum ('a', 'b', 'm', 'n', 'z');
create table t (id int primary key, x e default 'a', y e default 'z', check (x <> 'n'));
create view v as select x from t where x > 'b';
create index i on t (x) where x = 'n';
create function f() returns e language sql immutable as $$select 'b'::public.e$$;
create table u (x e default 'n', ys e[] default '{a,z}');
