create procedure p(a int) language plpgsql as $$begin end$$;
create procedure p2(inout a int, b text default 'x') language sql as $$select 1$$;
create function p3() returns int language sql as 'select 1';
