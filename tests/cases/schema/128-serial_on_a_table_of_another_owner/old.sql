create table t (a text); alter table t owner to hr1; grant select on t to hr2;
create table u (id int primary key); alter table u owner to hr1;
