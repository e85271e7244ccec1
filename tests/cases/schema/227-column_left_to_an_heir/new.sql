create table base (id int);
create table kid (extra text, n int not null default 5) inherits (base);
create table kid2 (n int) inherits (base);
