create table t (id int primary key, a bigint); create view v1 as select id, a from t; create view v2 as select a from v1; create materialized view m as select a from v2; create index mi on m (a);
alter view v1 owner to hr1; grant select on t to hr1; grant select, insert on v1 to hr2 with grant option; grant select (a) on v1 to hr3;
comment on view v1 is 'v1'; comment on column v1.a is 'v1.a'; comment on column v2.a is 'v2.a'; comment on materialized view m is 'm'; comment on column m.a is 'm.a'; comment on index mi is 'mi';
revoke all on v2 from current_user; grant select on v2 to hr4; grant select (a) on m to hr5; alter view v1 alter column a set default 5;
