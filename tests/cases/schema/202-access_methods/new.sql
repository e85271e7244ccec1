create access method h2 type table handler heap_tableam_handler;
create table t(a int) using h2;
create materialized view m using h2 as select 1 as a;
create index on m(a);
