create function bare(word text) returns text language sql immutable as $$ select pg_catalog.translate(word, '-', '') $$;
create function plain(word text) returns text language sql immutable as $$ select pg_catalog.lower(public.bare(word)) $$;
create table words (id int primary key, word text);
create index words_plain on words (plain(word));
create table stays (id int primary key);
