create table t (id int primary key, x text not null default 'b', y text[] default '{a}');
create index on t (x);
create function f(text) returns int language sql as 'select 1';
