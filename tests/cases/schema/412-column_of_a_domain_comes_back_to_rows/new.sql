create domain d as text;
create table t (id int primary key, a d, b d default 'x', c d[]);
create view v as select a || b as ab from t;
create function f(d) returns d language plpgsql as $$ begin return $1; end $$;
