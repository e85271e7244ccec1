create table t (id int primary key, v int);
create function fee(int) returns int language sql immutable as 'select $1 * 2';
create view kept_fee as select id, fee(v) as fee from t;
comment on view kept_fee is 'kept';
grant select on kept_fee to hr1;
alter table t add column w int default fee(3);
