create schema s; create table ref(id int primary key); create table s.t(id serial primary key, v text default 'y' not null, r int references ref, g int generated always as identity, constraint c check (v <> 'z'), constraint fresh unique (v));
create table kid(t int constraint kid_t references s.t on delete cascade); create index t_v on s.t(v); create view tv as select id, v from s.t; create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger tr before insert on s.t for each row execute function f(); create policy po on s.t using (id > 0); alter table s.t enable row level security;
comment on table s.t is 'moved!'; comment on column s.t.v is 'v'; comment on index s.t_v is 'i'; grant select on s.t to public; create statistics st on id, v from s.t; alter table s.t cluster on t_v;
create function of_t(s.t) returns int language sql as 'select 1';
create type e as enum ('a'); create table other(e e);
