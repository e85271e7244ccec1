create trusted language "my pl" handler plpgsql_call_handler inline plpgsql_inline_handler validator plpgsql_validator;
create function f() returns int language "my pl" as 'begin return 1; end';
grant usage on language "my pl" to hr1;
revoke usage on language plpgsql from public;
