alter default privileges grant usage on sequences to hr1;
create table t (id int generated always as identity primary key);
create table u (id int primary key);
grant usage on sequence t_id_seq to hr2;
