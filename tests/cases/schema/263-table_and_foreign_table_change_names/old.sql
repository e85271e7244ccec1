create foreign data wrapper w; create server s foreign data wrapper w;
create table one (id int, x text); create foreign table two (id int, x text) server s options (a 'b');
create view vo as select id from one;
comment on table one is 'o';
