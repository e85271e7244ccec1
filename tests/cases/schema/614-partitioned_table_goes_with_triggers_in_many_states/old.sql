create function f() returns trigger language plpgsql as $$ begin return new; end $$;
create table p (a int) partition by range (a);
create table p1 partition of p for values from (0) to (10);
create trigger one after insert on p for each row execute function f();
create trigger two before insert on p for each row when (new.a > 5) execute function f();
alter table p disable trigger one;
alter table p1 enable always trigger one;
alter table p1 disable trigger two;
