create table p (id int primary key);
create table t (a int, b int, constraint f foreign key (a) references p not enforced, constraint c check (b > 0) not enforced);
alter table t add constraint nn not null a not valid;
create table u (x int not null no inherit, y int); create table uk () inherits (u);
