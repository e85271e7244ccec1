create table p(id int not null, v text, w int) partition by range(id);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20) partition by range(id);
create table p2a partition of p2 for values from (10) to (15);
create index p_gone on p(w desc);
create index p_changed on p(v);
create index p1_own on p1(w);
