create schema s; create table ref(id int primary key); create table t(id serial primary key, v text default 'x' not null, r int references ref, g int generated always as identity, constraint c check (v <> ''));
create table kid(t int constraint kid_t references t on delete cascade); create index t_v on t(v); create view tv as select id, v from t; create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger tr before insert on t for each row execute function f(); create policy po on t using (id > 0); alter table t enable row level security;
comment on table t is 'moved'; comment on column t.v is 'v'; comment on index t_v is 'i'; grant select on t to public; create statistics st on id, v from t; alter table t cluster on t_v;
create function of_t(t) returns int language sql as 'select 1';
create type e as enum ('a'); create table other(e e);
