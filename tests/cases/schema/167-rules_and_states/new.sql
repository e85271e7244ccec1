create table t(id bigint, v text); create table log(id bigint); create view w as select * from t where id > 0;
create rule r1 as on insert to w do instead insert into t values (new.id, new.v || 'x') returning t.*;
create rule r2 as on update to t where new.id > 3 do also insert into log values (new.id);
create rule r3 as on delete to t do also insert into log values (old.id);
alter table t enable always rule r3;
comment on rule r1 on w is 'through';
