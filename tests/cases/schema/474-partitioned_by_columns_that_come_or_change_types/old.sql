create table p (id bigint not null, r text) partition by list (r);
create table p1 partition of p for values in ('a', 'b');
create table q (id int not null, k int4range);
create table s (a text, b text) partition by list (a);
create table s1 partition of s default;
