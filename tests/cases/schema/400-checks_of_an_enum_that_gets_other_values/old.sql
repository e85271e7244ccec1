create type st as enum ('new', 'open', 'done');
create table t (id int primary key, s st not null default 'new');
alter table t add constraint open_ones check (s <> 'open' or id > 0);
alter table t add exclude using btree (s with =) where (s = 'open');
create unique index t_u on t (id) where s = 'open';
create domain ds as st check (value <> 'done');
create table u (d ds);
create function weight(st) returns int language sql immutable as $$ select case $1 when 'open' then 1 else 2 end $$;
alter table t add constraint weighed check (weight(s) > 0);
