create table "t%s" (id int default 7 % 4, "{}" text default '{%s}', check (id % 2 = 1 or id % 3 = 0), check ("{}" <> '{y}' and "{}" like '%'));
create function "f%"(text) returns text language sql as $f$ select format('%s {} %I %%', $1, '$1') $f$;
create view "v{0}" as select "{}" as "%(a)s", id % 2 as "%" from "t%s" where "{}" like '%b%';
create index on "t%s" ((id % 5)) where "{}" ~ '^\d{2}$';
comment on column "t%s"."{}" is '%{sure} 100';
