create table t (b text, id int primary key, c int);
create view v with (security_invoker) as select id, b from t;
create view w with (security_barrier, security_invoker) as select id from t with local check option;
create publication p for table t (b, id) where (c > 0);
