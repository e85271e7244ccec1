create table p(id int not null primary key, v text) partition by range(id);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
create table c(pid int references p);
create index p_v on p(v);
