-- What the triggers of rules run; see ratelimit/triggers.py.

CREATE FUNCTION public.agi_rate_limit_bump_version() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION public.agi_rate_limit_bump_version() IS 'Counts the versions of a rule.';

CREATE FUNCTION public.agi_rate_limit_tell_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}' ELSE to_jsonb(OLD) END;
    after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}' ELSE to_jsonb(NEW) END;
    one jsonb := CASE TG_OP WHEN 'DELETE' THEN before ELSE after END;
BEGIN
    PERFORM pg_notify('agi_rate_limit_rules', one ->> 'id');
    PERFORM public.agi_audit_record(jsonb_build_array(jsonb_build_object(
        'event_type', 'rate_limit_rule.' || lower(TG_OP),
        'category', 'security',
        'severity', 'notice',
        'op', TG_OP,
        'target_table', TG_TABLE_NAME,
        'target_pk', one ->> 'id',
        'rows_affected', 1,
        'changes', (
            SELECT jsonb_object_agg(key, jsonb_build_array(before -> key, after -> key))
              FROM jsonb_object_keys(before || after) AS key
             WHERE before -> key IS DISTINCT FROM after -> key
               AND key NOT IN ('updated_at', 'version')))), 'public');
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION public.agi_rate_limit_tell_change() IS
    'Tells workers that a rule has changed, and the audit log how.';

REVOKE ALL ON FUNCTION
    public.agi_rate_limit_bump_version(), public.agi_rate_limit_tell_change() FROM PUBLIC;
