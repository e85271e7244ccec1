create table base (id int, n int);
create table k2 (n int, own int) inherits (base);
create table k3 (id int, n int) inherits (base);
create table k4 () inherits (k2);
