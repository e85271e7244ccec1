create role hr1; create role hr2;
create table t (id int primary key, owner name default current_user, n int);
alter table t enable row level security; alter table t force row level security;
create function who() returns name language sql stable as 'select current_user';
create policy a on t for select to hr1 using (owner = who());
create policy b on t as restrictive for all to public using (n > 0) with check (n > 1);
grant select on t to hr1;
alter table t owner to hr2;
