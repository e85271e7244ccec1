create table p(a int, d date, x text default 'n', primary key(a,d)) partition by range(d);
create table p24 partition of p for values from ('2024-01-01') to ('2024-07-01') partition by list(a);
create table p24a partition of p24 for values in (1,2);
create table p24d partition of p24 default;
create table p25 partition of p for values from ('2024-07-01') to ('2025-01-01');
create table pd partition of p default;
create index on p(a,d);
