alter default privileges grant select on tables to hr1;
alter default privileges grant usage on sequences to hr2;
alter default privileges revoke execute on functions from public;
alter default privileges grant usage on types to hr2;
alter default privileges grant usage on schemas to hr1;
alter default privileges in schema public grant insert on tables to hr3;
create table plain (id int primary key, a int);
create view w as select a from plain;
