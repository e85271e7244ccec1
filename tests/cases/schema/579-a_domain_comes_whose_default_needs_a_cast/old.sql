create type acc as (n bigint, s numeric);
create function acc_add(acc, numeric) returns acc language sql immutable as $$ select row(coalesce(($1).n,0) + 1, coalesce(($1).s,0) + $2)::public.acc $$;
create function acc_fin(acc) returns numeric language sql immutable as $$ select ($1).s / ($1).n $$;
create function acc_comb(acc, acc) returns acc language sql immutable as $$ select row(($1).n + ($2).n, ($1).s + ($2).s)::public.acc $$;
create aggregate mean(numeric) (sfunc = acc_add, stype = acc, finalfunc = acc_fin, combinefunc = acc_comb, parallel = safe);

create table t (g int, x numeric);
create view v as select g, mean(x) m, mean(x) filter (where x > 0) mp from t group by g; create materialized view mv as select mean(x) from t;
create view vw as select mean(x) over (partition by g) from t;
create function tot() returns numeric language sql begin atomic select mean(x) from t; end;
comment on aggregate mean(numeric) is 'mean'; grant execute on function mean(numeric) to hr1;
