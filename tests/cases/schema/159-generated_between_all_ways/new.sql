create table t(a int, plain int generated always as (a + 100) stored, stored int, expr int generated always as (a * 3) stored, typed bigint generated always as (a) stored);
create index t_stored on t(stored); create view tv as select expr, typed from t;
