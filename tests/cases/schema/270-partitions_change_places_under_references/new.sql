create table p (id int primary key, v int) partition by range (id);
create table p1 (id int primary key, v int);
create table p2 partition of p for values from (10) to (20);
create table ref (pid int references p, x int);
create table ref2 (pid int references p1);
