create schema n; create extension hstore schema n; create extension ltree schema n; create extension pg_trgm schema n;
create domain d as n.hstore check (value is not null or true); create type c as (h n.hstore, p n.ltree);
create function f(n.hstore, int) returns n.hstore language sql as 'select $1 '; create function g(p n.ltree) returns text language sql immutable as 'select $1::text'; create aggregate agg(n.hstore) (sfunc = n.hs_concat, stype = n.hstore);
create table t (id bigint primary key, h n.hstore default 'a=>2', p n.ltree, pt text generated always as (g(p)) stored, d d, c c, nm text, extra n.hstore, check (h operator(n.?) 'a'));
create index on t using gin (nm n.gin_trgm_ops); create index on t (g(p)); create index on t using gist (p); create view v as select h operator(n.->) 'a' x, p, extra from t; create materialized view mv as select p, count(*) from t group by 1;
create function trg() returns trigger language plpgsql as 'begin return new; end'; create trigger trg before update on t for each row when (new.h operator(n.<>) old.h) execute function trg();
create policy pol on t using (h operator(n.?) 'b'); comment on function f(n.hstore, int) is 'ef';
grant execute on function f(n.hstore, int) to hr1;
