create type e as enum ('a', 'b', 'c');
create type inner_t as (k e, n int);
create type outer_t as (i inner_t, js inner_t[]);
create table t (id int primary key, o outer_t, os outer_t[]);
create view v as select (o).js as js from t;
