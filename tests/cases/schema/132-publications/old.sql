create schema s; create table t (id int primary key, a text, b int); create table "pub t" (id int primary key); create table s.u (id int primary key);
create publication every for all tables;
create publication "pub t" for table t (id, a) where (id > 0), "pub t";
create publication sch for tables in schema s;
create publication gone for table t;
