create table cfg (k varchar(50) primary key, v text, w int default 3);
create table uses (id bigint primary key, c cfg default row('x', 'y', 2)::cfg);
