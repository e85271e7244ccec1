create role hr1;
create role hr2;
create schema s;
alter default privileges in schema s grant select on tables to hr1;
alter default privileges grant execute on functions to hr2;
alter default privileges revoke execute on functions from public;
create table s.t (id int);
grant select, insert on s.t to hr1 with grant option;
grant update (id) on s.t to hr2;
