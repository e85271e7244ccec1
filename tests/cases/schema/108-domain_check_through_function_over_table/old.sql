create table known (code text primary key);
create table t (id int primary key, c text);
