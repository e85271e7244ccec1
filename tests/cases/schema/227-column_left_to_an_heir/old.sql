create table base (id int, n int not null default 5);
create table kid (extra text) inherits (base);
create table kid2 (n int) inherits (base);
