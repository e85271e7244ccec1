create table w (id int not null, foo text, bar text default 'b', constraint positive check (id > 0));
create table p1 (id int not null, foo text, bar text default 'own', constraint positive check (id > 0));
create table p2 (id int not null, foo text, bar text default 'b') partition by range (id);
create table p2a partition of p2 for values from (1) to (100);
create table p2b partition of p2 for values from (100) to (200);
create index i on w (id);
alter table w add unique (foo, id);
alter table p1 add unique (foo, id);
comment on table p1 is 'first';
