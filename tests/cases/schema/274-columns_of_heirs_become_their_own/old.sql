create table base (id int, n int);
create table k1 (n int, own int) inherits (base);
create table k2 (own int) inherits (base);
create table k3 (id int, n int) inherits (base);
create view kv as select * from k1; create index on k1 (n); grant select on k1 to hr1;
