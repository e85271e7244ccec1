create type pt as (x int, y int);
create function pt_lt(pt, pt) returns boolean language sql immutable as $$ select ($1).x < ($2).x $$;
create function pt_gt(pt, pt) returns boolean language sql immutable as $$ select ($1).x > ($2).x $$;
create function pt_le(pt, pt) returns boolean language sql immutable as $$ select ($1).x <= ($2).x $$;
create operator <! (leftarg = pt, rightarg = pt, function = pt_lt, commutator = >!);
create operator <=! (leftarg = pt, rightarg = pt, function = pt_le, negator = >!);
create operator >! (leftarg = pt, rightarg = pt, function = pt_gt, commutator = <!, negator = <=!);
create table t (id int primary key, p pt);
create view v as select id from t where p >! row(0, 0)::pt and p <=! row(9, 9)::pt;
