create table p (id int, x int default 1, constraint px check (x > 0), constraint gone check (x < 100));
create table c1 (constraint px check (x > 0), constraint gone check (x < 100)) inherits (p);
create table z (constraint px check (x > 0)) inherits (c1);
comment on constraint px on c1 is 'own';
create table c2 () inherits (p);
