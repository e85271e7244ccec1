create table p (k int, id int, w text, t text not null, primary key (k, id)) partition by list (k);
create table p1 partition of p for values in (1);
create table p2 partition of p for values in (2);
create table q (id int not null, k int, t text) partition by list (k);
create table q1 partition of q for values in (1);
create table q2 partition of q for values in (2);
alter table q1 replica identity full;
create view v as select * from q1;
