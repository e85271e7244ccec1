create table bb (id int primary key, v int); create view cc as select id from bb; create sequence dd;
create index aa on bb (v);
