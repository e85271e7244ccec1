create type st as enum ('paid','new');
create table t (id int primary key, s st default 'new');
