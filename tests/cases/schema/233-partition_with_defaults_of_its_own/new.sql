create table m (id int, at date, v text default 'dd', w int) partition by range (at);
create table m1 (at date, id int, v text default 'own2' not null, w int default 9, constraint own_ck2 check (id > 1));
alter table m attach partition m1 for values from ('2024-01-01') to ('2025-06-01');
create index m1_v on m1 (v, w);
create index m_at on m (at);
alter table m1 set (fillfactor = 60);
comment on table m1 is 'q';
