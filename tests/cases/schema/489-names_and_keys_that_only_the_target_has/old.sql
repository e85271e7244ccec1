create view x as select 1 a;
create type y as (a int);
create sequence z;
create table w (id int primary key);
create function f(int) returns int language sql as 'select 1';
create index i on w (id);
create table g (a int not null, primary key (a));
