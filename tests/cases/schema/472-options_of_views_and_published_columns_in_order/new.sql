create table t (id int primary key, a text, c bigint, b text);
create view v with (security_invoker, security_barrier) as select id, b, a from t;
create view w with (check_option = cascaded, security_invoker, security_barrier) as select id from t;
create publication p for table t (id, a, b) where (c > 0 and c < 100);
