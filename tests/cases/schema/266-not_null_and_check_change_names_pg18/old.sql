create table t (a int constraint n1 not null, b int, constraint n2 check (b > 0));
create table u (a int constraint u_b_not_null not null, b int constraint u_a_not_null not null);
