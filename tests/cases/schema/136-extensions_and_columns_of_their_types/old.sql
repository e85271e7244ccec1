create schema ext; create extension hstore; create table t (id int primary key, a text, h hstore);
create extension pg_trgm with schema ext; create index i on t using gin (a ext.gin_trgm_ops);
