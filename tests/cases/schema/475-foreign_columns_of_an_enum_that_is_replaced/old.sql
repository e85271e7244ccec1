create foreign data wrapper w;
create server s foreign data wrapper w;
create type e as enum ('a', 'c', 'b');
create foreign table f (id bigint not null, k e default 'c', v int) server s;
create view fv as select id, k from f;
