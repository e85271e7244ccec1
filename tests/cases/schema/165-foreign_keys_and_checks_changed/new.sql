create table p(a int, b int, primary key (a, b)); create table t(a int, b int, c int,
constraint f foreign key (a, b) references p on update cascade on delete restrict deferrable initially deferred, constraint g foreign key (a, b) references p match full deferrable, constraint h foreign key (a, b) references p on delete set null (b), constraint ck check (c > -5 and c is not null), constraint cn check (c < 100), constraint nv check (c <> 7));
comment on constraint f on t is 'fk'; comment on constraint ck on t is 'check!';
