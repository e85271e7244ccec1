create type c as (r numeric, i numeric, n text);
create function plus(c, c) returns c language sql immutable as $$ select row($1.r + $2.r, $1.i + $2.i, $1.n)::public.c $$;
create aggregate total(c) (sfunc = plus, stype = c, initcond = '(0,0,x)');
create function len(c) returns numeric language sql immutable as $$ select sqrt($1.r ^ 2 + $1.i ^ 2) $$;
create cast (c as numeric) with function len(c) as implicit;
create table t (id int primary key, c c, check (c::numeric > 0));
create view v as select total(c)::numeric as l from t;
create index i on t ((c::numeric));
