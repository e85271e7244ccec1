create table a (x int, c text check (c <> ''));
create table b (x int, d int not null);
create table k (own int) inherits (b, a);
create table k2 (x int) inherits (b);
alter table k2 no inherit b; alter table k2 add c text;
alter table k2 add constraint a_c_check check (c <> '');
alter table k2 drop column d;
alter table k2 inherit a;
