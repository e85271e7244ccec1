create type ty as (id int, a text, b int);
create table t1 (id int primary key, a text);
create table t2 of ty (primary key (id), b default 3);
create table t3 of ty (a not null default 'x');
create view v as select * from t3;
