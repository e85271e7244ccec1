create role hr1; create role hr2;
create table t (id int primary key, owner text default current_user, n bigint);
alter table t enable row level security;
create function who(x int default 0) returns name language sql stable as 'select current_user';
create policy a on t for update to hr1, hr2 using (owner = who()) with check (true);
create policy b on t for all to public using (n > 0) with check (n > 1);
create policy c on t for insert to hr2 with check (exists (select from t t2 where t2.n = t.n));
grant select (id), update (n) on t to hr1;
