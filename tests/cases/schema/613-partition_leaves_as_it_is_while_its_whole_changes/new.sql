create table p (id bigint not null, k int, t varchar) partition by list (k);
create table p1 (id int not null, k int, t text, z int);
create table p2 partition of p for values in (2);
create table p3 partition of p for values in (1, 3);
create table q (id bigint not null, k int, t varchar) partition by list (k);
create table q1 (id int not null, k int, t text, z int);
create table q2 partition of q for values in (2);
create table q3 partition of q for values in (1, 3);
create view v as select * from q1;
