create table old (id int);
alter default privileges for role hr5 in schema public grant select on tables to hr1;
alter default privileges for role hr5 grant execute on functions to hr1;
