create type e as enum ('a', 'c');
create table t (id int primary key, out text, stays e);
create view v as select out, stays from t;
