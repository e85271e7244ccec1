create table t (a int primary key, c int);
create index i on t (a, c);
create table r (t int references t (a));
