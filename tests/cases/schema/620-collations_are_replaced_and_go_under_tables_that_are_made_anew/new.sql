create collation cx from "C";
create domain dom as text collate cx;
create table p (k text collate cx, n dom) partition by range (k);
create table pa partition of p for values from (minvalue) to ('m'); create table pz partition of p default;
create index i on p (k collate "POSIX", n); create unique index u on p (k);
create materialized view m as select k from p;
create table t (id int primary key, a text collate cx);
create index ti on t (a);
