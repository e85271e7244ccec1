create table visits (id int, place text, seen date);
create table notes (id int, word text, number bigint);
create view places as
    select id, exists (select 'new' from notes) as any_place,
           array(select 'first' union all select word from notes) as words
    from (select id, place from visits union all select null, 'none' union all select (1 + 1)::int, 'FROM, x') v;
create materialized view seen as
    select * from (select seen, 1.5 as weight from visits union select null, -1 union select current_date, 2.25) s;
create rule noted as on insert to visits
    do also insert into notes select new.id, 'came', -7;
create rule left_out as on delete to visits do instead nothing;
create function word_of(n int) returns text language sql
    begin atomic insert into notes select n, 'asked', 0; select 'so' union all select word from notes limit 1; end;
create function plain(n int) returns text language sql as $$ select 'x'::text; select 'y'::text $$;
