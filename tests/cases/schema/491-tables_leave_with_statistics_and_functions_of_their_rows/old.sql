create table t (id serial primary key, e text);
create statistics st on e, id from t;
create function f(t) returns text language sql immutable as 'select $1.e';
create policy p on t using (f(t) = 'a');
create table keep (id int, a int);
create statistics ks on id, a from keep;
