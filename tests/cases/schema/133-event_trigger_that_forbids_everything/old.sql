create table t (id int primary key); create table gone (id int);
