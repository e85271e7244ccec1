create access method h2 type table handler heap_tableam_handler;
create table t(a int);
create materialized view m as select 1 as a;
create index on m(a);
