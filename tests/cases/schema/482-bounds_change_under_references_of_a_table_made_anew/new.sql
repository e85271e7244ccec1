create table c (id bigint, r text, primary key (id, r)) partition by list (r);
create table c1 partition of c for values in ('eu', 'uk');
create table c2 partition of c for values in ('us');
create table o (id bigint, r text, c bigint, foreign key (c, r) references c on delete cascade) partition by hash (id);
create table o1 partition of o for values with (modulus 2, remainder 0);
create table o2 partition of o for values with (modulus 2, remainder 1);
