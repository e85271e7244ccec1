create table b (id int not null, v text) partition by list (id);
create table b1 partition of b for values in (1);
create table b2 partition of b for values in (2);
