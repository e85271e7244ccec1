create schema s1;
set search_path = s1;
create table p(id bigint generated always as identity, a int not null, g int generated always as (a*2) stored) partition by list(a);
create table p1 partition of p for values in (1,2);
create schema s2;
set search_path = s2;
create table p(a text, d timestamptz) partition by range (lower(a), date_part('year', d at time zone 'utc'));
create table p1 partition of p for values from ('a', 2000) to ('m', minvalue);
create table p2 partition of p for values from ('m', minvalue) to (maxvalue, maxvalue);
