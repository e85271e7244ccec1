create type st as enum ('new','paid');
create table t (id int primary key, s st default 'new');
