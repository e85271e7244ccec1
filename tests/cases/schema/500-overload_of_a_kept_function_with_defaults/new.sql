create table t (id int primary key, v int);
create function fee(int, int default 1) returns int language sql immutable as 'select $1 * 2 + $2';
create view fees as select id, fee(v) as fee from t;
