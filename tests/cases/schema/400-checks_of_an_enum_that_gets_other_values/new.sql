create type st as enum ('draft', 'new', 'done', 'closed');
create table t (id int primary key, s st not null default 'draft');
alter table t add constraint open_ones check (s <> 'closed' or id > 0);
alter table t add exclude using btree (s with =) where (s = 'closed');
create unique index t_u on t (id) where s = 'closed';
create domain ds as st check (value <> 'closed');
create table u (d ds);
create function weight(st) returns int language sql immutable as $$ select case $1 when 'closed' then 1 else 2 end $$;
alter table t add constraint weighed check (weight(s) > 1 or s = 'closed');
