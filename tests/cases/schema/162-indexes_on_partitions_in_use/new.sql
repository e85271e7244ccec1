create table p(id int not null, v text, w int, constraint p_k unique nulls not distinct (id, w), constraint p_pk primary key (id)) partition by range(id);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20) partition by range(id);
create table p2a partition of p2 for values from (10) to (15);
create index p_changed on p(v text_pattern_ops, w);
create index "P1 New" on p1(w) where w > 0;
create index p_new on p(w) where w > 0;
create unique index p_u on p(id, v) include (w);
comment on index p_u is 'unique one';
