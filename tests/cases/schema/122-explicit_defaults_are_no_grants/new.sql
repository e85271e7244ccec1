create table t (id int primary key); create function f() returns int language sql as 'select 1';
create table u (id int);
grant insert on u to hr1; revoke insert on u from hr1; grant select (id) on u to hr1; revoke select (id) on u from hr1;
