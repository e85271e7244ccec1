-- What a worker asks for beside tokens: the rules and their version, a place for refusals, cleaning.
-- They run before a tenant is active, so they are the owner's.

CREATE FUNCTION public.agi_rate_limit_version() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    -- Not the highest version: a rule that is gone lowers nothing, and a sequence tells of changes
    -- before they are committed.
    SELECT md5(string_agg(r.id || ':' || r.version, ',' ORDER BY r.id)) FROM public.agi_rate_limit_rules AS r
$$;
COMMENT ON FUNCTION public.agi_rate_limit_version() IS 'Changes with any committed change of any rule.';

CREATE FUNCTION public.agi_rate_limit_active_rules() RETURNS SETOF public.agi_rate_limit_rules
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT * FROM public.agi_rate_limit_rules AS r
     WHERE r.enabled AND r.mode <> 'off' ORDER BY r.priority, r.id
$$;
COMMENT ON FUNCTION public.agi_rate_limit_active_rules() IS 'The rules that limit or count, the first to ask first.';

CREATE FUNCTION public.agi_rate_limit_record(refusals jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    recorded bigint;
BEGIN
    -- In the order of keys, against deadlocks; a rule that is gone has no violations.
    INSERT INTO public.agi_rate_limit_violations AS v
        (rule_id, key_hash, minute, hits, shadow_hits, cost, first_seen_at, last_seen_at, tenant,
         sample_key, sample_path, sample_ip, sample_agent)
    SELECT e.rule_id, decode(e.key_hash, 'hex'), date_trunc('minute', e.minute), e.hits,
           e.shadow_hits, e.cost, e.first_seen_at, e.last_seen_at, e.tenant, left(e.key, 200),
           left(e.path, 200), e.ip, e.agent
      FROM jsonb_to_recordset(refusals) AS e(
           rule_id bigint, key_hash text, minute timestamptz, hits integer, shadow_hits integer,
           cost double precision, first_seen_at timestamptz, last_seen_at timestamptz, tenant text,
           key text, path text, ip inet, agent text)
     WHERE EXISTS (SELECT FROM public.agi_rate_limit_rules AS r WHERE r.id = e.rule_id FOR KEY SHARE)
     ORDER BY 1, 2, 3
    ON CONFLICT (rule_id, key_hash, minute) DO UPDATE
       SET hits = v.hits + excluded.hits,
           shadow_hits = v.shadow_hits + excluded.shadow_hits,
           cost = v.cost + excluded.cost,
           first_seen_at = least(v.first_seen_at, excluded.first_seen_at),
           last_seen_at = greatest(v.last_seen_at, excluded.last_seen_at);
    GET DIAGNOSTICS recorded = ROW_COUNT;
    RETURN recorded;
END;
$$;
COMMENT ON FUNCTION public.agi_rate_limit_record(jsonb) IS
    'Adds refused calls to the rows of their rule, key and minute; returns how many rows.';

CREATE FUNCTION public.agi_rate_limit_drop_old(days integer) RETURNS SETOF text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
AS $$
DECLARE
    part text;
    first_kept timestamptz := date_trunc('day', statement_timestamp()) - days * interval '1 day';
BEGIN
    IF days IS NULL OR days < 1 THEN
        RAISE EXCEPTION 'violations are kept for at least a day, not for %', coalesce(days::text, 'null')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR part IN
        SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'public.agi_rate_limit_violations'::regclass
           AND c.relname ~ '_\d{4}_\d\d_\d\d$'
           AND to_date(right(c.relname, 10), 'YYYY_MM_DD')::timestamptz < first_kept
         ORDER BY 1
    LOOP
        EXECUTE format('DROP TABLE public.%I', part);
        RETURN NEXT part;
    END LOOP;
    DELETE FROM public.agi_rate_limit_violations_default AS v WHERE v.minute < first_kept;
END;
$$;
COMMENT ON FUNCTION public.agi_rate_limit_drop_old(integer) IS
    'Drops the partitions of violations that are older than some whole days; returns their names.';

REVOKE ALL ON FUNCTION
    public.agi_rate_limit_version(), public.agi_rate_limit_active_rules(),
    public.agi_rate_limit_record(jsonb), public.agi_rate_limit_drop_old(integer) FROM PUBLIC;
