create collation cx (provider = libc, locale = 'POSIX'); create collation cz from "C";
create domain dom as text collate cz;
create table p (k text collate cz, n dom) partition by range (k);
create table pa partition of p for values from (minvalue) to ('m'); create table pz partition of p default;
create index i on p (k collate cx, n); create unique index u on p (k);
create materialized view m as select k from p;
create table t (id int primary key, a text collate cz);
create index ti on t (a);
