create type rt as (id int, v int);
create table a of rt (id with options primary key, v default 3);
create table b of rt;
