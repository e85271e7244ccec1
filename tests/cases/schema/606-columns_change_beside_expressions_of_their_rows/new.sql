create table acc (id int primary key, code int, flags text, z int not null default 5, r int not null default (random() * 3)::int);
create function of_row(acc) returns json language sql immutable return row_to_json($1);
create function of_field(a acc) returns text language sql begin atomic select (a).flags; end;
create function by_default(b bool default ((null::acc) is null)) returns int language sql as 'select 1';
create function in_text(acc) returns text language sql immutable as 'select upper($1.flags)';
create view casts as select (null::acc) is null as a, (null::acc[]) is null as b;
create domain checked as int check ((null::acc) is null or value > 0);
create table o (
  i int check ((null::acc) is null), d bool default ((null::acc) is null),
  g bool generated always as ((null::acc) is null) stored, c checked
);
create index on o (((null::acc) is null));
create index on o (i) where (null::acc) is null;
create policy p on o using ((null::acc) is null);
create rule r as on insert to o where not (null::acc) is null do nothing;
create function tf() returns trigger language plpgsql as 'begin return new; end';
create trigger g before insert on o for each row when ((null::acc) is null) execute function tf();
create statistics s on i, ((null::acc) is null) from o;
create domain row_of as acc check ((value).id > 0);
create function of_domain(row_of) returns json language sql immutable return row_to_json($1);
