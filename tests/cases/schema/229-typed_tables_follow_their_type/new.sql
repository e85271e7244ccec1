create type ct as (a bigint, b text, c date);
create table tt of ct (primary key (a), b with options not null default 'x');
