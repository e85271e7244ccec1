create table t (id int, a text, n numeric);
create view v as select id, a from t;
create materialized view m as select id, a, n from t;
create statistics ms on a, n from m;
create table holds (id int primary key, x v default row(0, 'none')::v, y m not null, constraint c check ((x).id is null or (x).id >= 0));
create index i on holds (((y).n));
create view over_it as select (x).a, (y).n from holds;
create function f(v) returns int language sql immutable as 'select ($1).id';
