create table p (id bigint constraint p_new primary key, v bigint, w bigint);
create table c (id bigint primary key, p bigint constraint c_new references p);
create function kf(bigint) returns int language sql as 'select 1';
