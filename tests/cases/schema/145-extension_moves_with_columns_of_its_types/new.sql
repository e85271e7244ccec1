create schema ext; create extension hstore with schema ext; create table t (id int primary key, h ext.hstore, hs ext.hstore[]); create index i on t using gin (h);
