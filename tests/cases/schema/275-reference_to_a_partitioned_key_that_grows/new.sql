create table p (a int, b int not null, primary key (a, b)) partition by list (a);
create table p1 partition of p for values in (1, 3); create table p2 partition of p for values in (2) partition by list (b); create table p2a partition of p2 for values in (1); create table p2d partition of p2 default;
create table c (a int, b int, x int, foreign key (a, b) references p) partition by range (x); create table c1 partition of c for values from (0) to (5); create table c2 partition of c for values from (5) to (10);
