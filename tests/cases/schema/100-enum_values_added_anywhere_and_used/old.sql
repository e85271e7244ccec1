create type e as enum ('m');
create table t (id int primary key, x e);
create view v as select x from t;
