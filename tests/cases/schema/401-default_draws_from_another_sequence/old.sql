create schema x;
create sequence x.numbers;
create sequence shared start 5;
create table t (id int primary key default nextval('x.numbers'), n int default nextval('shared'));
create table u (id bigint primary key default 7);
