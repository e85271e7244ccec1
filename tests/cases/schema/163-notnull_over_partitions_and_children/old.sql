create table p(id int not null, v text, w int) partition by range(id);
create table p1 partition of p for values from (0) to (10);
create table a(x int, y int); create table b() inherits (a); create table c(y int not null) inherits (a);
