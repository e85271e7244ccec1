create table c (id int, r text, primary key (id, r)) partition by list (r);
create table c1 partition of c for values in ('eu');
create table c2 partition of c for values in ('us');
create table o (id int, r text, c int, foreign key (c, r) references c) partition by hash (id);
create table o1 partition of o for values with (modulus 2, remainder 0);
create table o2 partition of o for values with (modulus 2, remainder 1);
