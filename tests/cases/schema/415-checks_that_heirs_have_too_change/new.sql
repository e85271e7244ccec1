create table p (id int, x int default 1, constraint px check (x > 1), constraint come check (x < 1000));
create table c1 (constraint px check (x > 1), constraint come check (x < 1000)) inherits (p);
create table z (constraint px check (x > 1)) inherits (c1);
comment on constraint px on c1 is 'own';
create table c2 () inherits (p);
