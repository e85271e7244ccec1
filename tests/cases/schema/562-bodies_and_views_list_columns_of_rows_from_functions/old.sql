create type mood as enum ('ok','bad');
create table t (id int primary key, a int, m mood default 'ok', gone text);
create function by_a(x int) returns setof t language sql stable begin atomic select * from t where a = x; end;
create function n_bad() returns bigint language sql begin atomic select count(*) from t where m = 'bad'; end;
create procedure add_t(i int, x int) language sql begin atomic insert into t (id, a) values (i, x); update t set gone = 'x' where id = i; end;
create function total() returns int language sql stable return (select sum(a)::int from t);
create table u (tot int default total(), tid int);
create view v as select b.id, b.a, n_bad() nb from by_a(1) b;
create function vcount() returns bigint language sql begin atomic select count(*) from v; end;
