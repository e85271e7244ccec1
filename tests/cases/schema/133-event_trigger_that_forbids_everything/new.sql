create table t (id bigint primary key, a text); create index i on t (a); comment on table t is 't';
create function never() returns event_trigger language plpgsql as $$begin if tg_tag not like '%EVENT TRIGGER%' and tg_tag <> 'COMMENT' then raise exception 'no %', tg_tag; end if; end$$;
create event trigger "a b" on ddl_command_start when tag in ('CREATE TABLE', 'ALTER TABLE', 'DROP TABLE', 'CREATE INDEX') execute function never();
create event trigger z on sql_drop execute function never();
alter event trigger z disable;
comment on event trigger z is 'z';
create event trigger y on table_rewrite execute function never(); alter event trigger y enable always;
