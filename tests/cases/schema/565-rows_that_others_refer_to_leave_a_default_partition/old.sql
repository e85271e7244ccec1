create table o (id serial, d date not null, k text not null default 'x', primary key (id, d)) partition by range (d); create table od partition of o default; create index on o (k); create unique index od_k on od (id); comment on table od is 'all';
create table oi (id int, d date, n int, foreign key (id, d) references o) partition by range (d); create table oid partition of oi default;
