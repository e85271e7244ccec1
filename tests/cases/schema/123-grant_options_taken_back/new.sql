create table t (id int primary key, a int); create table u (id int);
grant select on t to hr1; grant select on t to hr4; grant insert on t to hr3; grant select (a) on t to hr5;
grant update on u to hr2;
