create type fr as range (subtype = float8, subtype_diff = float8mi);
create domain pr as fr check (lower(value) >= 0);
create table t (id int primary key, r fr, m fr_multirange, p pr, exclude using gist (r with &&));
create index t_r on t using gist (r);
