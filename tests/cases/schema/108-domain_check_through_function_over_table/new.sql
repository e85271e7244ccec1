create table known (code text primary key);
create function is_known(text) returns boolean language sql stable as 'select exists (select from public.known where code = $1)';
create domain code as text check (is_known(value));
create table t (id int primary key, c code);
create function of_code(code) returns text language sql as 'select $1::text';
create view v as select of_code(c) as c from t;
