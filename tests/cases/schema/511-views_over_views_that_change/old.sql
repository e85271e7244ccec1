create table a (id int primary key, x int, y text); create table b (id int primary key, a int references a, z int);
create view v as select a.id, a.x, b.z from a join b on b.a = a.id; create view w as select id, x from v; 
create view k1 as select * from w; create view k2 as select id, z from v; create view k3 as select k1.id, k2.z from k1 join k2 using (id);
create function k4(int) returns setof w language sql as 'select * from w where id = $1'; create function k5() returns v language sql begin atomic select * from v limit 1; end;
create rule k6 as on update to w do instead update a set x = new.x where id = old.id; create function k7() returns trigger language plpgsql as 'begin return null; end'; create trigger k7 instead of delete on v for each row execute function k7();
grant select on v, w, k1, k2, k3 to hr1; grant update (x) on w to hr2; comment on column k3.z is 'zz'; alter view w alter column x set default 5; alter view k3 owner to hr2;
