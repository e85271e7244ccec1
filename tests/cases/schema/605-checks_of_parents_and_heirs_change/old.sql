create table a (x int, c text constraint k check (c <> ''));
create table h (constraint k check (c <> '')) inherits (a);
create table i (constraint k check (c <> '')) inherits (a);
create table j (constraint k check (c <> '')) inherits (a);
create table p (x int, c text constraint k check (c <> ''));
create table q (constraint k check (c <> '')) inherits (p);
create table r (constraint k check (c <> '')) inherits (p);
