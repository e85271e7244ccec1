create table old_kind (id int primary key);
create table t (id int primary key, k int constraint tk references old_kind, other int);
