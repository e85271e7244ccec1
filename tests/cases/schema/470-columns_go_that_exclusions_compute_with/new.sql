create table t (id int primary key, r int4range, s text);
