create table aa (id int primary key, v int); create view bb as select id from aa; create sequence cc;
create index dd on aa (v);
