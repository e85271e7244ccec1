create type st as enum ('new','paid','gone');
create table t (id int primary key, s st default 'new');
create function open_ones() returns setof t language sql stable as $$ select * from t where s <> 'gone' $$;
create function is_gone(s st) returns boolean language sql immutable return s = 'gone';
create view gone as select id from t where s = any ('{gone,paid}');
