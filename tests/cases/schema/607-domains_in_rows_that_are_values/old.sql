create domain dz as int;
create domain dn as text check (value <> '');
create table acc (id int primary key, n dz, t dn);
create type pair as (a dz, b text);
create function of_row(acc) returns json language sql immutable return row_to_json($1);
create function of_pair(pair) returns json language sql immutable return row_to_json($1);
create table k (x acc, y pair, z dz[], c int check ((null::acc) is null));
