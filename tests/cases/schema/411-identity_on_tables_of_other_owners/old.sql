create schema s authorization hr1;
create type s.e as enum ('a'); alter type s.e owner to hr1;
create table s.t (id serial primary key, e s.e); alter table s.t owner to hr1;
create view s.v as select * from s.t; alter view s.v owner to hr2;
create function s.f() returns int language sql as 'select 1'; alter function s.f() owner to hr2;
grant select on s.t to hr2;
create materialized view s.m as select 1 a; alter materialized view s.m owner to hr1;
