create schema s authorization hr2;
create type s.e as enum ('b','a'); alter type s.e owner to hr2;
create table s.t (id bigint generated always as identity primary key, e s.e); alter table s.t owner to hr2;
create view s.v as select e, id from s.t; alter view s.v owner to hr1;
create function s.f() returns bigint language sql as 'select 1'; alter function s.f() owner to hr1;
grant select on s.t to hr1;
create materialized view s.m as select 2 a; alter materialized view s.m owner to hr3;
