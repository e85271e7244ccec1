create table cfg (k varchar(50) primary key, v text, w int default 3, x int not null default 4);
create function key(cfg) returns varchar language sql immutable as $$ select ($1).k $$;
create table uses (id bigint primary key, c cfg default row('x', 'y', 2, 1)::cfg, k text default key(row('q', 'r', 1, 1)::cfg));
create view v as select id, (c).k as ck, (c).w, key(c) as f from uses;
create index uses_k on uses (key(c));
