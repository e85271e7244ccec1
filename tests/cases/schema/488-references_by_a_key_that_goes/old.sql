create table p (id int constraint p_old primary key, v int, w int unique);
create table c (id int primary key, p int constraint c_old references p, w int references p(w));
create view kv as select p.id, v from p;
create function kf(int) returns int language sql as 'select 1';
create index kvx on p (v);
