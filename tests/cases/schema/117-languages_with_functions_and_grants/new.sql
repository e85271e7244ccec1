create language "my pl" handler plpgsql_call_handler validator plpgsql_validator;
create trusted language other handler plpgsql_call_handler;
create function f() returns int language "my pl" as 'begin return 2; end';
create function g() returns int language other as 'begin return 3; end';
alter language other owner to hr2; comment on language other is 'other';
grant usage on language sql to hr1 with grant option;
