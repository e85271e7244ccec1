create function look() returns trigger language plpgsql as $$ begin return new; end $$;
create table fields (id int, kind text, constraint seen check (kind <> ''), constraint sane check (id > 0));
create constraint trigger known after insert or update on fields deferrable initially deferred
    for each row execute function look();
