create table p (id int primary key, v int) partition by range (id);
create table p1 partition of p for values from (0) to (10); 
create table p2 (id int primary key, v int);
create table ref (pid int references p, x int);
create table ref2 (pid int references p2);
