create type mood as enum ('good','ok');
create table t (id bigint primary key, a numeric, m mood default 'good', c int);
create function by_a(x int) returns setof t language sql stable begin atomic select * from t where a = x; end;
create function n_bad() returns bigint language sql begin atomic select count(*) from t where m = 'good'; end;
create procedure add_t(i int, x int) language sql begin atomic insert into t (id, a) values (i, x); update t set c = 1 where id = i; end;
create function total() returns numeric language sql stable return (select sum(a) from t);
create table u (tot numeric default total(), tid int);
create view v as select b.id, b.a, n_bad() nb, b.c from by_a(1) b;
create function vcount() returns bigint language sql begin atomic select count(*) from v where c = 1; end;
