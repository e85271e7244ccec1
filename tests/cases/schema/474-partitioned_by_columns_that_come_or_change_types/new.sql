create table p (id int not null, d date not null default '2024-05-01', r text) partition by range (d, id);
create table p1 partition of p for values from ('2024-01-01', minvalue) to ('2025-01-01', maxvalue);
create table q (id int not null, k text not null default 'x') partition by list (k);
create table q1 partition of q for values in ('x', '[1,2)');
create table s (a varchar(3), b int) partition by range (b);
create table s1 partition of s for values from (0) to (10);
