create function lt(int, int) returns boolean language sql immutable as 'select $1 < $2';
create function gt(int, int) returns boolean language sql immutable as 'select $1 > $2';
create function ge(int, int) returns boolean language sql immutable as 'select $1 >= $2';
create function inv(int) returns int language sql immutable as 'select -$1';
create table t (id int primary key, a int);
create operator <<< (leftarg = int, rightarg = int, function = lt);
create view v as select a <<< 3 as small from t;
