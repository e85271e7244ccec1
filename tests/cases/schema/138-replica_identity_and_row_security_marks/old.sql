create table a (id int primary key, x int not null); create unique index ax on a (x); alter table a replica identity full; alter table a enable row level security;
create table b (id int primary key); alter table b replica identity nothing; alter table b force row level security;
create table c (id int primary key, x int not null); create unique index cx on c (x); alter table c replica identity using index cx;
