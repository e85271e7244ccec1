create table ch (id int primary key, up int constraint selfie references ch on delete cascade) partition by hash (id);
create table ch0 partition of ch for values with (modulus 4, remainder 0);
create table ch1 partition of ch for values with (modulus 2, remainder 1);
create table ch2 partition of ch for values with (modulus 4, remainder 2);
create table r (id int primary key) partition by range (id);
create table r1 partition of r for values from (0) to (5);
create table r2 partition of r for values from (5) to (10);
create table u (id int primary key, r int references r);
