create table t (a int constraint n1 not null, b int constraint n2 not null, c int constraint n3 not null);
