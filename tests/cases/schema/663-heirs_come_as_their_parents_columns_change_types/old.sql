create table base (id bigint primary key, n text not null default '1');
create table heir (w bigint) inherits (base);
