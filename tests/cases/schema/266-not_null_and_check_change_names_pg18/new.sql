create table t (a int constraint n2 not null, b int, constraint n1 check (b > 0));
create table u (a int not null, b int not null);
