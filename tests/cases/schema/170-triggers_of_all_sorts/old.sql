create function f() returns trigger language plpgsql as 'begin return null; end';
create table t(a int, b text); create view v as select * from t; create table p(a int) partition by range(a); create table p1 partition of p for values from (0) to (10);
create trigger t1 after insert on t for each row execute function f();
create trigger t2 before update of a on t for each row when (old.a is distinct from new.a) execute function f('x');
create constraint trigger t3 after update on t deferrable initially deferred for each row execute function f();
create trigger t4 instead of insert on v for each row execute function f();
create trigger t5 after insert on p for each row execute function f();
create trigger t6 after update on t referencing old table as o new table as n for each statement execute function f();
create trigger t7 after truncate on t execute function f();
