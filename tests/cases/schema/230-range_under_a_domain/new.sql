create type fr as range (subtype = numeric, multirange_type_name = fr_many);
create domain pr as fr check (lower(value) > -1);
create table t (id int primary key, r fr, m fr_many, p pr, exclude using gist (r with &&));
create index t_r on t using gist (r);
