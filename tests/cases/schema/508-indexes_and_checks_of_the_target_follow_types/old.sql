create table t (id int, tag varchar(10), geo point, constraint t_pk primary key (id), constraint kept_u unique (tag, id), constraint kept_x exclude using gist (box(geo, geo) with &&));
create index kept_gin on t using gin (to_tsvector('english', tag));
create index kept_part on t (id) where tag like 'a%';
alter index kept_gin alter column 1 set statistics 300;
create table line (id int primary key, qty int check (qty > 0), price numeric(8,2), constraint sum_ck check (qty * price < 1000));
create statistics line_st on (qty + 1), price from line;
