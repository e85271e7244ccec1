create function cmp(int, int) returns int language sql immutable as 'select case when $1 < $2 then -1 when $1 = $2 then 0 else 1 end';
create function alt(int, bigint) returns int language sql immutable as 'select 0';
create operator <# (leftarg = int, rightarg = int, function = int4lt);
create operator ># (leftarg = int, rightarg = int, function = int4gt);
create operator family "fam x" using btree;
create operator class oc for type int using btree family "fam x" as
    operator 1 <#, operator 3 =, operator 5 >#, function 1 cmp(int, int), operator 2 <=, operator 4 >=;
create table t (id int primary key, a int, b int);
create index i on t (a oc, b);

alter operator family "fam x" using btree add function 1 (int, bigint) alt(int, bigint), operator 1 < (int, bigint);
create operator class "hash ops" for type int using hash as operator 1 =, function 1 hashint4(int);
create unique index u on t (b oc);
comment on operator class oc using btree is 'oc'; comment on operator family "fam x" using btree is 'fam';
alter operator class oc using btree owner to hr3; alter operator family "fam x" using btree owner to hr3;
