-- Partitions by time, made ahead; see weedgo/tenancy/partitions.py.

CREATE FUNCTION public.weedgo_make_partitions(parent regclass, step text, ahead integer DEFAULT 1)
    RETURNS SETOF text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
AS $$
DECLARE
    home text;
    base text;
    part text;
    name_format text := CASE step WHEN 'month' THEN 'YYYY_MM' WHEN 'day' THEN 'YYYY_MM_DD' END;
    starts timestamptz;
    column_name text;
    guard record;
BEGIN
    IF name_format IS NULL THEN
        RAISE EXCEPTION 'partitions are made by month or by day, not by %', step
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Of two who make partitions at once, the second finds them made.
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', parent);
    SELECT n.nspname, c.relname, a.attname INTO STRICT home, base, column_name
      FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_partitioned_table AS p ON p.partrelid = c.oid
      JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
     WHERE c.oid = parent;
    FOR number IN -1..ahead LOOP
        -- The one before the current is the default, for rows that fit nowhere.
        starts := date_trunc(step, statement_timestamp()) + number * ('1 ' || step)::interval;
        part := base || '_' || CASE number WHEN -1 THEN 'default' ELSE to_char(starts, name_format) END;
        CONTINUE WHEN to_regclass(format('%I.%I', home, part)) IS NOT NULL;
        -- Made alone and then attached: readers and writers of the parent go on.
        EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING ALL EXCLUDING IDENTITY)', home, part, parent);
        FOR guard IN
            -- Triggers on rows are copied by PostgreSQL, those on TRUNCATE are not. They get names of
            -- their own: pgtrigger would prune what bears its prefix and no model declares.
            SELECT t.tgname, p.proname, s.nspname FROM pg_trigger AS t
              JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_namespace AS s ON s.oid = p.pronamespace
             WHERE t.tgrelid = parent AND t.tgtype & 32 <> 0 AND NOT t.tgisinternal
        LOOP
            EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I.%I FOR EACH STATEMENT EXECUTE FUNCTION %I.%I()',
                replace(guard.tgname, 'pgtrigger_', 'partition_'), home, part, guard.nspname, guard.proname);
        END LOOP;
        BEGIN
            EXECUTE CASE number
                WHEN -1 THEN format('ALTER TABLE %s ATTACH PARTITION %I.%I DEFAULT', parent, home, part)
                ELSE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
                    parent, home, part, starts, starts + ('1 ' || step)::interval)
            END;
            RETURN NEXT part;
        EXCEPTION WHEN check_violation THEN
            EXECUTE format('DROP TABLE %I.%I', home, part);
            RAISE WARNING 'no partition from % for %: its rows are in the default partition', starts, parent;
        END;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION public.weedgo_make_partitions(regclass, text, integer) IS
    'Makes the missing partitions of a table for now and the next months or days; returns their names.';

REVOKE ALL ON FUNCTION public.weedgo_make_partitions(regclass, text, integer) FROM PUBLIC;
