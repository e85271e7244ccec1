create text search dictionary "my dict" (template = simple, stopwords = english, accept = false);
create text search dictionary syn (template = pg_catalog.simple);
create text search configuration cfg (parser = pg_catalog.default);
alter text search configuration cfg add mapping for asciiword, word with "my dict", simple;
alter text search configuration cfg add mapping for email with syn;
create table t (id int primary key, a text, v tsvector generated always as (to_tsvector('public.cfg', a)) stored);
create index i on t using gin (to_tsvector('public.cfg', a));
comment on text search dictionary syn is 'syn';
