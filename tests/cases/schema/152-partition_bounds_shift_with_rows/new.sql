create table p(id int not null, v text) partition by range(id);
create table p1 partition of p for values from (0) to (15);
create table p2 partition of p for values from (15) to (20);
create table p3 partition of p for values from (20) to (100);
create table pd partition of p default;
