create table p (id int not null primary key, v text) partition by range (id);
create table b1 partition of p for values from (0) to (10);
