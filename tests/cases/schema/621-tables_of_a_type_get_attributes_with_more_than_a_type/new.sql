create type rt as (id int, v int, z text, n int, w int);
create table a of rt (id with options primary key, v default 4, z not null default '', n default 7);
create table b of rt (w with options default 1);
alter table a alter z set statistics 20;
alter table b alter z set storage external;
