create function low(text) returns text language sql immutable as 'select lower($1)';
create domain d as text default low('ABC') not null constraint c2 check (length(value) < 8) constraint c3 check (value = low(value));
create table t (id int primary key, a d, b d[]);
alter domain d add constraint c4 check (value <> 'q') not valid;
comment on constraint c2 on domain d is 'two';
comment on domain d is 'new';
alter domain d owner to hr1;
revoke usage on domain d from public;
