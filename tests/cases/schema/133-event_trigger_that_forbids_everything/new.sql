create table t (id bigint primary key, a text); create index i on t (a); comment on table t is 't';
create function never() returns event_trigger language plpgsql as $$begin if tg_tag not like '%EVENT TRIGGER%' then raise exception 'no %', tg_tag; end if; end$$;
create event trigger "a b" on ddl_command_start when tag in ('DROP TABLE', 'DROP INDEX', 'CREATE VIEW') execute function never();
create event trigger z on sql_drop execute function never();
alter event trigger z disable;
create event trigger y on table_rewrite execute function never(); alter event trigger y enable always;
