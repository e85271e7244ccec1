create type r as range (subtype = int4);
create table t (id int primary key, a text);
create view v as select a, id from t;
create table w (a r);
