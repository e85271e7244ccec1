create foreign data wrapper "w w" options (debug 'true', x '1');
create server "s 1" type 'a' version '1' foreign data wrapper "w w" options (host 'x', port '1');
create user mapping for hr1 server "s 1" options (user 'u', password 'it''s secret');
create user mapping for public server "s 1" options (password 'old');
create foreign table ft (a int options (column_name 'A'), b text not null, gone int) server "s 1" options (table_name 'z', "Mixed" 'y');
create view v as select a, b from ft;
grant select on ft to hr2; comment on foreign table ft is 'ft';
