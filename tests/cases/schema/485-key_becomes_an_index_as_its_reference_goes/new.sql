create table t (a int, b text);
create unique index u on t (a);
create table r (a int);
