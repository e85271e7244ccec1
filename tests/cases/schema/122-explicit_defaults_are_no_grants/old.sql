create table t (id int primary key); create function f() returns int language sql as 'select 1';
grant select on t to hr1; revoke select on t from hr1;
grant execute on function f() to hr1; revoke execute on function f() from hr1;
create table u (id int);
