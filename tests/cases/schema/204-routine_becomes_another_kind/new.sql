create procedure p(a int, b int) language plpgsql security definer set search_path=pg_catalog as $$begin end$$;
create procedure p2(inout a int, b text default 'y''z') language sql as $$select 2$$;
create procedure p3() language sql as 'select 1';
grant execute on procedure p to public;
comment on procedure p3() is 'P';
