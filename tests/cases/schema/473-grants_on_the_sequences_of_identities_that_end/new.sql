create table t (id serial primary key, n int not null);
grant usage, select on sequence t_id_seq to hr1, hr2;
