create schema y;
create sequence y.numbers;
create sequence shared start 5;
create sequence down increment -1;
create table t (id bigint primary key default nextval('y.numbers'), n int default nextval('down') unique);
create table u (id bigint primary key default nextval('shared'));
