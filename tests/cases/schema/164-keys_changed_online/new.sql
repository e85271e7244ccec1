create table t(a int not null, b int not null, c text, constraint k primary key (b, a), constraint u unique (b) include (c) deferrable initially deferred, constraint x unique nulls not distinct (c, a) with (fillfactor = 70), constraint w unique (b));
comment on constraint u on t is 'b alone'; alter table t cluster on u; create table r(b int, constraint r_b_fkey foreign key (b) references t(b) on delete cascade);
create unique index i on t(c desc, a); comment on index i is 'an index';
