create type ct as (a int);
create transform for int language sql (from sql with function prsd_lextype(internal), to sql with function int4recv(internal));
create transform for varchar language sql (from sql with function prsd_lextype(internal));
create function g(int) returns int transform for type int language sql as 'select $1';
comment on transform for int language sql is 'tr';
