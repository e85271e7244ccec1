create function ef() returns event_trigger language plpgsql as 'begin end'; create function eg() returns event_trigger language plpgsql as 'begin perform 1; end';
create event trigger a on ddl_command_end execute function eg(); create event trigger b on ddl_command_end when tag in ('DROP TABLE', 'CREATE INDEX') execute function ef();
create event trigger c on sql_drop execute function ef(); alter event trigger c enable replica;
create table t (id int);
