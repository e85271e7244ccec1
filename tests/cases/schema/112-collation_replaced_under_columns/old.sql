create collation co (provider = libc, locale = 'C');
create domain d as text collate co;
create table t (id int primary key, a text collate co default 'x', b varchar(10) collate co, c d, ds text[] collate co);
create index i on t (a, b); create unique index ui on t (c);
create view v as select a, c from t where a < 'm';
comment on collation co is 'co'; alter collation co owner to hr1;
