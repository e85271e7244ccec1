create table h (id smallint primary key);
create table m (h smallint not null references h, ts date not null, name text not null, v real) partition by range (ts);
create table m1 partition of m for values from ('2024-01-01') to ('2024-02-01');
create table m2 partition of m for values from ('2024-02-01') to ('2024-03-01') with (fillfactor = 80);
create table md partition of m default;
create index m_ts on m using brin (ts);
create index m_name on m (name, ts);
create view v as select h, name, avg(v) from m group by 1, 2;
alter table m2 alter column v set statistics 500;
