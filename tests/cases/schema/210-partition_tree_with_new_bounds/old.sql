create table p(a int, d date, primary key(a,d)) partition by range(d);
create table p24 partition of p for values from ('2024-01-01') to ('2025-01-01') partition by list(a);
create table p24a partition of p24 for values in (1);
create table p24d partition of p24 default;
create table pd partition of p default;
create index on p(a);
