create table base (id int not null, k int not null) partition by list (k);
create table kid1 partition of base for values in (1);
create table kid2 partition of base for values in (2);
