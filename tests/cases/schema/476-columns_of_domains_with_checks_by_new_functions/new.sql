create function ok(t text) returns bool language sql immutable as $$ select t is null or t ~ '^a' $$;
create domain code as text check (ok(value)) default 'abc';
create domain short as code check (length(value) < 9);
create table t (id int primary key, c code, cs code[], s short);
create table u (cs short[], c code);
create index t_ok on t (ok(c));
create view v as select id, c::text, ok(c) from t;
