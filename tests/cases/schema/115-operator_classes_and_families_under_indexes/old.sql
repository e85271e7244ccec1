create function cmp(int, int) returns int language sql immutable as 'select case when $1 < $2 then -1 when $1 = $2 then 0 else 1 end';
create function alt(int, bigint) returns int language sql immutable as 'select 0';
create operator <# (leftarg = int, rightarg = int, function = int4lt);
create operator ># (leftarg = int, rightarg = int, function = int4gt);
create operator family "fam x" using btree;
create operator class oc for type int using btree family "fam x" as
    operator 1 <#, operator 3 =, operator 5 >#, function 1 cmp(int, int);
create table t (id int primary key, a int, b int);
create index i on t (a oc, b);
