create type ty as (id int, a text);
create table t1 of ty (primary key (id));
create table t2 (id int primary key, a text);
create table t3 of ty;
create view v as select * from t3;
