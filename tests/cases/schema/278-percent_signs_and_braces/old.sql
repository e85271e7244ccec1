create table "t%s" (id int default 5 % 2, "{}" text default '%s', check (id % 2 = 1), check ("{}" <> '{x}' and "{}" like '%'));
create function "f%"(text) returns text language sql as $f$ select format('%s {} %I', $1, '$1') $f$;
create view "v{0}" as select "{}" as "%(a)s" from "t%s" where "{}" like '%a%';
create index on "t%s" ((id % 3)) where "{}" ~ '^\d{2}$';
comment on column "t%s"."{}" is '100% {sure}';
