create table a (x int, c text constraint k check (c <> ''));
create table b (y int, c text constraint k check (c <> ''));
create table m () inherits (a);
create table h (constraint k check (c <> '')) inherits (m, b);
create table g () inherits (h);
create table z () inherits (a);
