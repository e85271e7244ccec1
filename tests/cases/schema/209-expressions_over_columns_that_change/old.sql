create table t(a int, b int, c int, check (coalesce(a,b) > 0));
create index i on t(coalesce(a,b), c);
create statistics s on (coalesce(a,b)), c from t;
