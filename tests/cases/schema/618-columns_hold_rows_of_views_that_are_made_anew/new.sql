create table t (id bigint, a varchar(30), n numeric);
create view v as select a, id from t;
create materialized view m as select id, n, a from t;
create statistics ms on a, n from m;
create table holds (id int primary key, x v default row('none', 0)::v, y m not null, constraint c check ((x).id is null or (x).id >= 0));
create index i on holds (((y).n));
create view over_it as select (x).a, (y).n from holds;
create function f(v) returns bigint language sql immutable as 'select ($1).id';
