create table cu (id int primary key);
create table o (id int not null, c int references cu, at date not null, primary key (id, at)) partition by range (at);
create table o_a partition of o for values from ('2020-01-01') to ('2021-01-01');
create table o_b partition of o for values from ('2021-01-01') to ('2022-01-01');
create table li (o int, at date, n int, foreign key (o, at) references o deferrable);
create view ov as select * from o;
create trigger tg before update on o for each row execute function suppress_redundant_updates_trigger();
alter table o enable row level security; grant select on o to hr1; grant insert on o_a to hr2;
