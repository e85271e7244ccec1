create collation c1 (locale='C');
create table t(a text collate c1 primary key, b text collate "C");
create index on t(a collate "POSIX");
create domain dd as text collate c1;
create type ct as (x text collate c1);
