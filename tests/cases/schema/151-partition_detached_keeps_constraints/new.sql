create table ref(id int primary key);
create table p(id int not null primary key, v text not null, r int references ref, constraint vc check (v <> '')) partition by range(id);
create index p_v on p(v);
create table p1 partition of p for values from (0) to (10);
create table p2(id int not null, v text not null, r int);
alter table p2 add constraint p2_pkey primary key (id);
create index p2_v_idx on p2(v);
