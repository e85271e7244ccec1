create table a (id int constraint renamed not null, n int constraint a_n not null);
create table a1 (extra text, constraint a1_n not null n) inherits (a);
create table a2 () inherits (a1);
create table b (id int, n int not null);
create table b1 (constraint mine not null id) inherits (b);
