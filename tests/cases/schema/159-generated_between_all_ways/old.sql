create table t(a int, plain int, stored int generated always as (a + 1) stored, expr int generated always as (a * 2) stored, typed int generated always as (a) stored);
create index t_stored on t(stored); create view tv as select expr, typed from t;
