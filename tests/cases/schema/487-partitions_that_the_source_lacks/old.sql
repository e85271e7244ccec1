create table ev (id int, at date, k text, primary key (id, at)) partition by range (at);
create table ev_1 partition of ev for values from ('2023-01-01') to ('2024-01-01');
create table ev_2 partition of ev for values from ('2024-01-01') to ('2025-01-01');
create table ev_3 partition of ev for values from ('2025-01-01') to ('2026-01-01');
create index ev_k on ev (k);
create unique index ev_u on ev (k, at);
