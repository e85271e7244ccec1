create domain d as text constraint c1 check (value <> 'x') constraint c2 check (length(value) < 9);
create table t (id int primary key, a d, b d[]);
comment on constraint c1 on domain d is 'one';
comment on domain d is 'old';
