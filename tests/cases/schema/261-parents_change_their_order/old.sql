create table a (x int, c text check (c <> ''));
create table b (x int, d int not null);
create table k (own int) inherits (a, b);
create table k2 () inherits (a);
