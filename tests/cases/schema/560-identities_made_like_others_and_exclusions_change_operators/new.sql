create function near(int, int) returns boolean language sql immutable strict as $$ select abs($1 - $2) < 6 $$;
create operator ~~~ (leftarg = int, rightarg = int, function = near, commutator = ~~~, restrict = eqsel);
create operator family nearf using hash;
create table r (id bigint generated always as identity primary key, during int8range, room bigint, tags int[],
 constraint r_ex exclude using gist (during with -|-, int8range(room,room,'[]') with =) deferrable,
 constraint r_hash exclude using btree (room with =) where (room > 50));
create table rr (like r including indexes including identity) ;
create table near_t (a int, b int, check (not a ~~~ b and b is not null));
