insert into t values (1, 'a'); refresh materialized view m1; refresh materialized view m2;
