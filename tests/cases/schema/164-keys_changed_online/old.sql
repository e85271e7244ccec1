create table t(a int not null, b int not null, c text, constraint k primary key (a), constraint u unique (b), constraint x unique (c));
comment on constraint u on t is 'b alone'; alter table t cluster on u; create table r(b int references t(b));
create unique index i on t(c, a); comment on index i is 'an index';
