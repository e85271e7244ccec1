create table p (id bigint generated always as identity, k int, x text) partition by list (k); create table p1 partition of p for values in (1);
create table p2 partition of p for values in (2);
grant select on p to hr1; grant insert on p2 to hr2; grant usage on sequence p_id_seq to hr2; alter table p2 owner to hr3;
alter table p1 enable row level security; create policy q on p1 to hr1 using (id > 0); create policy q on p using (x <> '');
comment on sequence p_id_seq is 'numbers'; comment on table p2 is 'two'; comment on column p2.x is 'x';
