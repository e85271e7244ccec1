create table t (id int primary key, a int); create table u (id int);
grant select, insert on t to hr1 with grant option;
grant select on t to hr2; grant insert on t to hr3; grant select on t to hr4; grant select (a) on t to hr5;
