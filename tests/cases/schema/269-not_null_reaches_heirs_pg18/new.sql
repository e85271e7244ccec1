create table p (id int primary key);
create table t (a int not null, b int, constraint f foreign key (a) references p, constraint c check (b > 0));
alter table t add constraint nnb not null b not valid;
create table u (x int constraint ux not null, y int not null no inherit); create table uk () inherits (u);
