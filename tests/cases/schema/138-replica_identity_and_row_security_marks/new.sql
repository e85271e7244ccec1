create table a (id int primary key, x int not null); create unique index ax on a (x); alter table a replica identity using index ax; alter table a force row level security;
create table b (id int primary key); alter table b enable row level security;
create table c (id int primary key, x bigint not null); create unique index cx on c (x); alter table c replica identity using index cx;
create table d (id int primary key); alter table d replica identity using index d_pkey;
