create table ch (id int primary key, up int) partition by hash (id);
create table ch0 partition of ch for values with (modulus 2, remainder 0);
create table ch1 partition of ch for values with (modulus 2, remainder 1);
create table r (id int primary key) partition by range (id);
create table r1 partition of r for values from (0) to (10);
create table u (id int primary key, r int);
