create collation c1 (provider=libc, lc_collate='POSIX', lc_ctype='C');
create table t(a text collate c1 primary key, b text collate c1);
create index on t(a collate "POSIX");
create domain dd as text collate c1;
create type ct as (x text collate c1);
comment on collation c1 is 'coll';
