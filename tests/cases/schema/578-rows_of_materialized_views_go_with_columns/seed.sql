insert into t values (1,'a',2); refresh materialized view m1; refresh materialized view m3;
