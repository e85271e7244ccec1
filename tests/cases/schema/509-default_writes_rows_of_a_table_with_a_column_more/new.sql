create table cfg (k text primary key, v text);
create table uses (id int primary key, c cfg default row('x', 'y')::cfg);
