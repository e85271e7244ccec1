create view x as select 1 a;
create table y (id int constraint k unique);
create materialized view z as select 1 b;
create sequence q;
create index w on y (id);
create table other (id int constraint one_pkey primary key);
create view u as select x.a, z.b from x, z;
