create table ev (id bigint, at date, k varchar(20), z int default 1, primary key (at, id)) partition by range (at);
create table ev_1 partition of ev for values from ('2023-01-01') to ('2024-01-01');
create index ev_k on ev (k, z);
create unique index ev_u on ev (at, k);
create index ev_z on ev (z);
alter table ev add constraint ck check (id > 0);
