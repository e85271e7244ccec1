create foreign data wrapper fw options (debug 'false', more '1');
create server sv type 'q' version '2' foreign data wrapper fw options (host 'b', port '1');
create user mapping for public server sv options (u 'y', password 'secret2');
create foreign table ft (id bigint options (column_name 'y') not null, c text collate "C", check (id > 0)) server sv options (schema_name 's2');
create view fv as select id, c from ft;
create foreign table ft2 (x int default 3) server sv;
