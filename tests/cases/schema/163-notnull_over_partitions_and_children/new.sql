create table p(id int not null, v text not null, w int not null) partition by range(id);
create table p1 partition of p for values from (0) to (10);
create table a(x int not null, y int); create table b(z int) inherits (a); create table c(y int) inherits (a);
