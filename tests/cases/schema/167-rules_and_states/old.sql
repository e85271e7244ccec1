create table t(id int, v text); create table log(id int); create view w as select * from t;
create rule r1 as on insert to w do instead insert into t values (new.id, new.v);
create rule r2 as on update to t do also insert into log values (new.id);
create rule r3 as on delete to t do also insert into log values (old.id);
alter table t disable rule r2;
