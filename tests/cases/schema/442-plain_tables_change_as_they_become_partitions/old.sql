create table w (id bigint, foo text, gone int);
create table p1 (foo varchar(10), id bigint, gone int, extra date) with (fillfactor = 80);
create table p2 (id int not null, foo text, bar text default 'mine', check (id > 0));
create index p1_i on p1 (id);
