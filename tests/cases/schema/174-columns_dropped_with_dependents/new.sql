create table t(a int primary key, c text); create index ibc on t(c);
create table r(x int references t(a), c text); create view v as select a, c from t; create policy po on t using (a > 1); create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger tr before update of c on t for each row execute function f(); create function fr(t) returns int language sql as 'select $1.a'; create function at() returns setof int language sql begin atomic select a from t; end;
create publication pub for table t (a, c);
