create table t (id int primary key, a int, v int generated always as (a * 3) stored, constraint c check (v < 100 or a > 1));
create statistics st on a, v from t;
create index i on t (a, v);
