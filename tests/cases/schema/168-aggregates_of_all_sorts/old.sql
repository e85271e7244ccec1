create function sf(bigint, int) returns bigint language sql immutable as 'select $1 + $2';
create function ff(bigint) returns int language sql immutable as 'select $1::int';
create aggregate s(int) (sfunc = sf, stype = bigint, initcond = '0');
create aggregate f(int) (sfunc = sf, stype = bigint, finalfunc = ff, initcond = '0');
create aggregate z(*) (sfunc = int8inc, stype = bigint, initcond = '0');
create view sv as select s(x) from generate_series(1, 3) x;
comment on aggregate s(int) is 'sum';
