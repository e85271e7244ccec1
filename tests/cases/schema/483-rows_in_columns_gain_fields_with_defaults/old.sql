create table cfg (k text primary key, v text);
create function key(cfg) returns text language sql immutable as $$ select ($1).k $$;
create table uses (id int primary key, c cfg default row('x', 'y')::cfg, k text default key(row('q', 'r')::cfg));
create view v as select id, (c).k as ck, key(c) as f from uses;
create index uses_k on uses (key(c));
