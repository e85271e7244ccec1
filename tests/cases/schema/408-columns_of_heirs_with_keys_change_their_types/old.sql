create type st as enum ('a','b');
create table base (id int primary key, s st not null, n int not null);
create table kid (k int, primary key (id), s st constraint kid_s not null) inherits (base);
create table grand (primary key (id), n int constraint grn not null) inherits (kid);
create table other () inherits (base);
create view v as select id, s, n from kid;
create index on kid (n);
create table ref (k int references kid);
