create table x (a int primary key, b text);
create materialized view y as select 1 id;
create view z as select 2 b;
create table q (a int, constraint k unique (a));
create sequence w;
create table keyed (id int constraint one_pkey primary key);
create view u as select x.a, z.b from x, z;
