create type e as enum ('a', 'b', 'c');
create table t (id int primary key, gone e, out e, stays e);
create view v as select gone, out, stays from t;
