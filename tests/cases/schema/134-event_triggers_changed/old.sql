create function ef() returns event_trigger language plpgsql as 'begin end'; create function eg() returns event_trigger language plpgsql as 'begin end';
create event trigger a on ddl_command_end execute function ef(); create event trigger b on ddl_command_end when tag in ('CREATE TABLE') execute function ef();
create event trigger c on sql_drop execute function ef(); alter event trigger c disable;
