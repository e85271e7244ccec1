create table p(a int, b int) partition by range(b);
create table p1 partition of p for values from (0) to (5) partition by hash(a);
create table p1a partition of p1 for values with (modulus 2, remainder 0);
create table p1b partition of p1 for values with (modulus 2, remainder 1);
create table p2 partition of p for values from (5) to (10);
create table pd partition of p default;
