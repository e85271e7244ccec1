create function f() returns trigger language plpgsql as $$ begin return new; end $$;
create table t (id int primary key, a int);
create trigger up before update of a on t for each row when (old.* is distinct from new.*) execute function f();
create table u (id int primary key, a int, s int generated always as (a + 1) stored);
create table w (id int primary key, a int);
create trigger up before update of a on w for each row when (old.* is distinct from new.*) execute function f();
