create type e as enum ('a','b','x');
create table t (k e not null, n int, other e[], primary key (k, n)) partition by list (k);
create table ta partition of t for values in ('a'); create table tb partition of t for values in ('b');
create table r (k e, n int, foreign key (k, n) references t);
create view v as select k from t;
