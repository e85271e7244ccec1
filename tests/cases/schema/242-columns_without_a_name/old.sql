create table visits (id int, place text, seen date);
create view places as select id, exists (select 'old' from visits) as any_place from visits;
