create schema "S x";
create type "S x"."E.n" as enum ('a', 'b', 'z');
comment on type "S x"."E.n" is 'kinds';
grant usage on type "S x"."E.n" to hr1;
revoke usage on type "S x"."E.n" from public;
create domain d as "S x"."E.n" default 'a' check (value <> 'b');
create type c as (k "S x"."E.n", n int);
create table "T t" (
    id int primary key, x "S x"."E.n" not null default 'a', ys "S x"."E.n"[] default '{a,b}', dd d, cc c, ccs c[],
    g boolean generated always as (x = 'a') stored,
    constraint "ch eck" check (x <> 'b' or id > 10), unique (x, id));
create index "i i" on "T t" (x) where x = 'a';
create index plain on "T t" (x);
create table ref (x "S x"."E.n", id int, foreign key (x, id) references "T t" (x, id));
create table child (more int) inherits ("T t");
create table part (id int, x "S x"."E.n") partition by range (id);
create table part1 partition of part for values from (0) to (100);
create index on part (x);
create function f("S x"."E.n", "S x"."E.n"[]) returns "S x"."E.n" language sql immutable as 'select $1';
comment on function f("S x"."E.n", "S x"."E.n"[]) is 'of kinds';
grant execute on function f("S x"."E.n", "S x"."E.n"[]) to hr1;
create view v as select id, x, f(x, ys) as fx from "T t" where x <> 'b';
comment on column v.fx is 'fx';
grant select on v to hr1;
grant select (x) on v to hr2;
create view vv as select fx from v;
create materialized view m as select x, count(*) as n from "T t" group by x;
create unique index mi on m (x);
create function tf() returns trigger language plpgsql as 'begin return new; end';
create trigger tr before update on "T t" for each row when (new.x = 'a') execute function tf();
alter table "T t" enable row level security;
create policy p on "T t" to hr1 using (x = 'a');
create policy pf on "T t" using (f(x, ys) = 'a');
grant select (x), update on "T t" to hr2;
create rule r as on insert to v do instead nothing;
