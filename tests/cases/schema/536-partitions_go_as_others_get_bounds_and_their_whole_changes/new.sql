create table c (id bigint, r text, k text not null default 'k' check (k > ''), v text) partition by list (r);
create table c_a partition of c for values in ('a', 'z');
create table d (id int, r text, primary key (id, r)) partition by list (r);
create table d_eu partition of d for values in ('eu');
create table d_us partition of d for values in ('us');
create table o (id int, r text, d int, primary key (id, r), foreign key (d, r) references d) partition by hash (id);
create table o_0 partition of o for values with (modulus 1, remainder 0);
