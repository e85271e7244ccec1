create schema "A-1";
create domain email as text check (value ~ '@');
create type "A-1".addr as (street text, mail email);
create table "A-1"."User" (id int primary key, addr "A-1".addr, addrs "A-1".addr[], mails email[] default '{}');
create function host(email) returns text language sql immutable as $$ select split_part($1::text, '@', 2) $$;
create index by_host on "A-1"."User" (host((addr).mail));
create view users as select id, (addr).mail, host((addr).mail) as host from "A-1"."User";
