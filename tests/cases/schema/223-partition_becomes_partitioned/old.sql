create table m (id int not null, at date not null, r text not null) partition by range (at);
create table m1 partition of m for values from ('2024-01-01') to ('2025-01-01');
create table m2 partition of m for values from ('2025-01-01') to ('2026-01-01');
create index m_id on m (id);
create table t (id int primary key, s text not null);
create table r (id int primary key, t_id int references t);
create publication pb for table t, r;
