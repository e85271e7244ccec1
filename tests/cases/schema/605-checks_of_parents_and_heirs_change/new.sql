create table a (x int, c text constraint k check (c <> '') no inherit);
create table h (constraint k check (c <> 'a')) inherits (a);
create table i (x int, c text, constraint k check (c <> ''));
create table j (x int, c text);
create table p (x int, c text constraint k check (c <> 'b'));
create table q (e int) inherits (p);
create table r (constraint k check (c <> 'b')) inherits (p);
