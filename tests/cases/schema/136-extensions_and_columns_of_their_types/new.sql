create schema ext; create extension citext with schema ext; create extension hstore with schema ext; create extension pg_trgm with schema ext;
create table t (id int primary key, a ext.citext, h ext.hstore default 'a=>1'); create index i on t using gin (h);
create view v as select a, h operator(ext.->) 'x' as x from t; comment on extension citext is 'ci'; create domain ci as ext.citext check (value <> 'x');
