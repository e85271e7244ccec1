create schema a; create extension hstore schema a; create extension ltree; create extension pg_trgm schema a;
create domain d as a.hstore check (value is not null or true); create type c as (h a.hstore, p ltree);
create function f(a.hstore, int) returns a.hstore language sql as 'select $1'; create function g(p ltree) returns text language sql immutable as 'select $1::text'; create aggregate agg(a.hstore) (sfunc = a.hs_concat, stype = a.hstore);
create table t (id int primary key, h a.hstore default 'a=>1', p ltree, pt text generated always as (g(p)) stored, d d, c c, nm text, check (h operator(a.?) 'a'));
create index on t using gin (nm a.gin_trgm_ops); create index on t (g(p)); create index on t using gist (p); create view v as select h operator(a.->) 'a' x, p from t; create materialized view mv as select p, count(*) from t group by 1;
create function trg() returns trigger language plpgsql as 'begin return new; end'; create trigger trg before update on t for each row when (new.h operator(a.<>) old.h) execute function trg();
create policy pol on t using (h operator(a.?) 'a'); comment on function f(a.hstore, int) is 'ef';
grant execute on function f(a.hstore, int) to hr1;
