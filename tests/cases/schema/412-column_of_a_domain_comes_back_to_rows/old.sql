create domain d as text not null default 'dd' constraint dl check (length(value) < 10) ;
create table t (id int primary key, a d, b d default 'x', c d[], e d);
create view v as select a || b || e as ab from t;
create function f(d) returns d language plpgsql as $$ begin return $1; end $$;
