create table t (a int, b int, c int, constraint k1 primary key (a), constraint k2 unique (b), constraint k3 check (c > 0));
create table u (a int, constraint fk1 foreign key (a) references t (a), constraint fk2 foreign key (a) references t (b)); create index ix on t (c);
