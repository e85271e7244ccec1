create table t (id int primary key, a int); alter table t owner to hr1; grant select, insert on t to hr2; grant select (a) on t to hr3;
create function f() returns int language sql as 'select 1'; alter function f() owner to hr1; revoke all on function f() from public; grant execute on function f() to hr2;
