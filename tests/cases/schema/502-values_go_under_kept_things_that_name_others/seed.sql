insert into t values (1,'new'),(2,'paid');
insert into log values (1,'paid');
insert into kdt values ('paid','{paid}');
refresh materialized view paid3;
