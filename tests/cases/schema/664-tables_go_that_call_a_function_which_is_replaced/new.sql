create function f(int) returns bigint language sql immutable as 'select 1::bigint';
create function tf() returns trigger language plpgsql as 'begin return new; end';
create table stays (id int primary key, n int default f(2));
