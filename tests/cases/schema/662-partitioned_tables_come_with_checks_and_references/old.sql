create table z (a int);
create table p (x int, v text) partition by list (x);
create table p1 partition of p for values in (2);
create table a (id int primary key, x text);
alter table a owner to hr1;
