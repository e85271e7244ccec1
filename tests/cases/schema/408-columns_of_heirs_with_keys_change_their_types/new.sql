create type st as enum ('b','a');
create table base (id bigint primary key, s st not null, n bigint not null);
create table kid (k int, primary key (id), s st constraint kid_s not null) inherits (base);
create table grand (primary key (id), n bigint constraint grn not null) inherits (kid);
create table other () inherits (base);
create view v as select id, s, n from kid;
create index on kid (n);
create table ref (k bigint references kid);
