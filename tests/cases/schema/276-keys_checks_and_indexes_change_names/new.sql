create table t (a int, b int, c int, constraint k2 primary key (a), constraint k1 unique (b), constraint ix check (c > 0));
create table u (a int, constraint fk2 foreign key (a) references t (a), constraint fk1 foreign key (a) references t (b)); create index k3 on t (c);
