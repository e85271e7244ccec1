create domain d1 as int check (value > 0); create domain d2 as d1 not null default 4; create domain d3 as d2[];
create table t (id int primary key, a d2 default 5, b d3);
create function df(d2) returns d1 language sql as 'select $1';
