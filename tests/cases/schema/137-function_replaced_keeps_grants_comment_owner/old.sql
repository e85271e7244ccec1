create function f(a int) returns int language sql as 'select 1'; revoke all on function f(int) from public; grant execute on function f(int) to hr1 with grant option; comment on function f(int) is 'f'; alter function f(int) owner to hr2;
create view v as select f(1) as x; grant select on v to hr3;
create table t (id int default f(2), check (f(id) is not null)); create index on t (id);
