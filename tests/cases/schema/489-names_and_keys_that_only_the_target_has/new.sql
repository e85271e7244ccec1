create table x (a int);
create type y as enum ('q');
create table z (id int);
create procedure f(int) language sql as '';
create view i as select 1 a;
create table w (id int);
create table g (a int);
