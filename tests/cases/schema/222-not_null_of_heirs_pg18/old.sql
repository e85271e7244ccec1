create table a (id int constraint a_id not null, n int);
create table a1 (extra text) inherits (a);
create table a2 () inherits (a1);
create table b (id int not null, n int);
create table b1 (constraint own not null n) inherits (b);
