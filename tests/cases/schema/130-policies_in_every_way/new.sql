create table "T" (id int primary key, a text, b bigint); alter table "T" enable row level security; alter table "T" force row level security;
create policy p on "T" to hr2, hr1 using (b = 2) with check (a is not null);
create policy q on "T" for select to hr1 using (a = 'x' or exists (select from "T" i where i.id = "T".b));
create policy "r r" on "T" for insert with check (b > 0);
create policy s on "T" for update to hr1 using (b = 1);
create function ok(bigint) returns boolean language sql stable as 'select true';
create policy f on "T" for delete to hr2 using (ok(b)); comment on policy f on "T" is 'f';
create policy "new" on "T" for all to current_user using (true);
