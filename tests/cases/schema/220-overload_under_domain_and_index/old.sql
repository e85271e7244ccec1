create function ok(t text) returns bool language sql immutable as $$ select t ~ '^a' $$;
create domain code as text check (ok(value)) default 'abc';
create table t (id int primary key, c code, cs code[], check (ok(c)));
create index t_ok on t (ok(c));
create view v as select c::text, ok(c) from t;
