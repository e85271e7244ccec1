create foreign data wrapper fw options (debug 'true');
create server sv foreign data wrapper fw options (host 'a');
create user mapping for public server sv options (u 'x', password 'secret');
create foreign table ft (id int options (column_name 'x'), b text) server sv options (schema_name 's', tbl 't');
create view fv as select id from ft;
