create table t (a int primary key, b text);
create table r (a int primary key references t);
