create table t (id bigint, tag text collate "C", geo point, constraint t_pk primary key (id));
create table line (id int primary key, qty numeric, price numeric(10,4));
