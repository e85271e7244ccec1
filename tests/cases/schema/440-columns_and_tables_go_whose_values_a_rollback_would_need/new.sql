create domain mandatory as int not null;
create table plain (id int primary key);
create table typed (id int);
create table empty (id int);
create table keyed (id int primary key);
create table partly (id int);
create table left_over (id int, gone int);
create table itself (id int primary key, parent int);
