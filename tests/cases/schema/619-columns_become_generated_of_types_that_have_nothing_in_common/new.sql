create table t (id int primary key, a int, b int generated always as (a + 1) stored, c int generated always as (a * 2) stored, d int generated always as (a * 4) stored);
