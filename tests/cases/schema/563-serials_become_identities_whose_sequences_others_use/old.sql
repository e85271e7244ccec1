create table par (id serial, code int not null default nextval('par_id_seq'), constraint par_pk primary key (id), constraint par_u unique (code));
create table kid (id bigserial primary key, p int not null default currval('par_id_seq') constraint kid_p references par on delete cascade, pc int constraint kid_pc references par (code));
create table kid2 (like kid including all) inherits (kid);
create function newp() returns int language plpgsql as $$ begin return nextval('public.par_id_seq'); end $$;
create view nextp as select last_value + 1 n from par_id_seq;
grant all on sequence par_id_seq to hr1;
