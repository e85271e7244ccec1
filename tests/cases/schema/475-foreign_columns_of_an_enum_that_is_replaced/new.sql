create foreign data wrapper w;
create server s foreign data wrapper w;
create type e as enum ('b', 'a');
create foreign table f (id int not null, k e, v text) server s;
create view fv as select id, k, v from f;
