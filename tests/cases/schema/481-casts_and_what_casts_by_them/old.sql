create type c as (r float8, i float8);
create function plus(c, c) returns c language sql immutable as $$ select row($1.r + $2.r, $1.i + $2.i)::public.c $$;
create aggregate total(c) (sfunc = plus, stype = c, initcond = '(0,0)');
create function len(c) returns float8 language sql immutable as $$ select sqrt($1.r ^ 2 + $1.i ^ 2) $$;
create cast (c as float8) with function len(c) as assignment;
create table t (id int primary key, c c, check (c::float8 > 0));
create view v as select total(c)::float8 as l from t;
create index i on t ((c::float8));
