create table base (id int not null, k int not null);
create table kid1 (check (k = 1)) inherits (base);
create table kid2 (check (k = 2)) inherits (base);
