create table t (id int, n int); create table u (id int primary key, n int);
