create type x as enum ('a', 'b'); create table t (id int primary key, v x, w text);
create domain y as text; create table u (id int, v y);
create function f(x) returns y language sql as 'select null::public.y';
