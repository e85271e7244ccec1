create function f() returns trigger language plpgsql as $$ begin return null; end $$;
create table e (y int, m int) partition by range (y);
create table e21 partition of e for values from (2021) to (2022);
create table w (y int, m int) partition by range (y);
