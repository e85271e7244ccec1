create schema ext; create extension hstore with schema ext; create table t (id int primary key, a text, h ext.hstore);
create extension pg_trgm with schema ext; create index i on t using gin (a ext.gin_trgm_ops);
