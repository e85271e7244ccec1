create foreign data wrapper w1; create foreign data wrapper w2;
create server s type 'b' foreign data wrapper w2 options (a 'b');
create user mapping for hr1 server s options (user 'x', password 'y');
create foreign table ft (a int, b text) server s;
create view v as select a from ft; grant select on v to hr1; comment on server s is 'srv'; grant usage on foreign server s to hr2;
