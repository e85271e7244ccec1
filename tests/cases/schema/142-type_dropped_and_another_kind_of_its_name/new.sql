create domain x as text check (value in ('a', 'b')); create table t (id int primary key, v text, w x);
create type y as (a text); create table u (id int, v text, y y);
create function f(x) returns y language sql as 'select null::public.y';
