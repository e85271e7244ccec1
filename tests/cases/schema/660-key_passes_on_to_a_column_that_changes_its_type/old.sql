create table t (id int primary key, a text unique, c int);
create index i on t (id, c);
create statistics s on id, a from t;
create table r (t text references t (a));
