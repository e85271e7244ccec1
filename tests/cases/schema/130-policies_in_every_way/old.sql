create table "T" (id int primary key, a text, b int); alter table "T" enable row level security;
create policy p on "T" using (b = 1);
create policy q on "T" for select to hr1, public using (true);
create policy "r r" on "T" as restrictive for insert with check (b > 0);
create policy s on "T" for update to hr1 using (b = 1) with check (b = 2);
create function ok(int) returns boolean language sql stable as 'select true';
create policy f on "T" for delete to hr2 using (ok(b)); comment on policy f on "T" is 'f';
create policy g on "T" for delete using (true);
