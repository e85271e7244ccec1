create foreign data wrapper w; create server s foreign data wrapper w;
create table two (id int, x text); create foreign table one (id int, x text) server s options (a 'b');
create view vo as select id from one;
