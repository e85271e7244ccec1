create table acc (id int primary key, code text, flags text);
create view v1 as select id, lower(code) as lc, code || '-' as d from acc;
create index acc_lc on acc (lower(code));
create function cf(acc) returns text language sql immutable return upper($1.flags);
