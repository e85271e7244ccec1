create type ct as (a int);
create type cu as (a int);
create function ci(ct) returns int language sql as 'select ($1).a';
create cast (ct as int) with function ci(ct);
create cast (cu as text) with inout as assignment;
comment on cast (ct as int) is 'old';
create domain "D x" as text;
