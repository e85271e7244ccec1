create domain x as text check (value in ('a', 'b')); create table t (id int primary key, v x, w text);
create type y as (a text); create table u (id int, v text);
