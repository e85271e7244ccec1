create table a (id int primary key, x bigint, y text);
create table b (id int primary key, a int references a, z int);
create view v as select a.x, a.id, b.z, a.y from a join b on b.a = a.id;
create view w as select v.id, v.x, v.y from v;
grant select on v to hr1;
