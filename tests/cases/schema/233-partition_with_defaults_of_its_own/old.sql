create table m (id int, at date, v text default 'd') partition by range (at);
create table m1 (v text default 'own', at date, id int not null, constraint own_ck check (id > 0));
alter table m attach partition m1 for values from ('2024-01-01') to ('2025-01-01');
create index m1_v on m1 (v);
alter table m1 set (fillfactor = 50);
alter table m1 enable row level security;
create policy pm on m1 using (true);
