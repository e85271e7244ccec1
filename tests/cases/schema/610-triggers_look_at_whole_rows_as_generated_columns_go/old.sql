-- PostgreSQL takes no trigger that looks at whole rows beforehand where columns are generated.
create function f() returns trigger language plpgsql as $$ begin return new; end $$;
create table t (id int primary key, a int, s int generated always as (a + 1) stored);
create table u (id int primary key, a int);
create trigger up before update of a on u for each row when (old.* is distinct from new.*) execute function f();
create table w (id int primary key, a int, s int generated always as (a + 1) stored);
create trigger up before update of a on w for each row when (old.a is distinct from new.a) execute function f();
