create domain d1 as int check (value > 0);
create domain d2 as d1 default 7 not null;
create table t (id int primary key, a d1, b d2, cs d1[]);
create view v as select a, b from t;
create function f(d1) returns d2 language sql as 'select 1::public.d2';
