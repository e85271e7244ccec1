create table p (id int generated always as identity, k int, x text) partition by list (k); create table p1 partition of p for values in (1);
grant select on p to hr1;
