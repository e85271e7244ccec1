create function look() returns trigger language plpgsql as $$ begin return new; end $$;
create table fields (id int, kind text, constraint known check (kind <> ''), constraint sane check (id > 0));
create constraint trigger seen after insert on fields for each row execute function look();
