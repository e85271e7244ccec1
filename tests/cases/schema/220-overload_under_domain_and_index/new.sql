create function ok(t text, strict bool default false) returns bool language sql immutable as $$ select t ~ '^[ab]' $$;
create domain code as varchar(20) check (ok(value)) default 'bcd';
create table t (id int primary key, c code, cs code[], check (ok(c, true)));
create index t_ok on t (ok(c, true));
create view v as select c::text, ok(c) from t;
