create table cu (id int primary key);
create table o (id int not null, c int references cu on delete cascade, at date not null, primary key (id, at)) partition by range (at);
create table o_a (id int not null, c int, at date not null, primary key (at, id));
create table o_b partition of o for values from ('2021-01-01') to (maxvalue);
create table o_c partition of o default;
create table li (o int, at date, n int, foreign key (o, at) references o deferrable initially deferred);
create view ov as select id, at from o;
alter table o enable row level security; grant select on o to hr1; grant insert on o_c to hr2;
