create table p(a int, b int, primary key (a, b)); create table t(a int, b int, c int,
constraint f foreign key (a, b) references p, constraint g foreign key (a, b) references p match full, constraint h foreign key (a, b) references p on delete set null, constraint ck check (c > 0), constraint cn check (c < 100) no inherit, constraint nv check (c <> 7) not valid);
comment on constraint f on t is 'fk'; comment on constraint ck on t is 'check';
