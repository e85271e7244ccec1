create table new_kind (id int primary key);
create table t (id int primary key, k int constraint tk references new_kind, other int references new_kind);
