create schema ext; create extension hstore; create table t (id int primary key, h hstore, hs hstore[]); create index i on t using gin (h);
