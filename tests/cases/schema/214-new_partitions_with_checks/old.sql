create schema s1;
set search_path = s1;
create type loc as enum('A','B');
create schema s2;
set search_path = s2;
create table p(a int not null, x text) partition by range(a);
create table p1 partition of p for values from (0) to (10);
