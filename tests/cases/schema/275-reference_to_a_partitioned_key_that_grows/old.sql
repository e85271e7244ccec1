create table p (a int, b int, primary key (a)) partition by list (a);
create table p1 partition of p for values in (1); create table p2 partition of p for values in (2) ;
create table c (a int references p, x int) partition by range (x); create table c1 partition of c for values from (0) to (10);
