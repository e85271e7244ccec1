-- How events enter the audit log, with what seals and erasure need, and without what only triggers say.

CREATE OR REPLACE FUNCTION public.agi_audit_record(events jsonb, in_schema name DEFAULT current_schema())
    RETURNS SETOF bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- The role cannot be pretended, a setting and an argument can.
    of_role constant text := substring(current_setting('role') FROM '^weedgo_[0-9]+_tenant_([0-9]+)$');
    of_tenant constant text := (SELECT t.schema_name FROM public.tenancy_tenant AS t WHERE t.id = of_role::bigint);
    here constant integer := public.agi_audit_epoch();
    random constant uuid := gen_random_uuid();
BEGIN
    IF EXISTS (SELECT FROM jsonb_array_elements(events) AS e
                WHERE e ->> 'event_type' ~ '^(row|table)\.' OR e ->> 'event_type' IN ('audit.person_erased', 'audit.partition_dropped')) THEN
        RAISE EXCEPTION 'only triggers record events of rows and tables, and erasures and drops record themselves'
            USING ERRCODE = 'insufficient_privilege', HINT = 'Give the event another type.';
    END IF;
    -- Here and by no constraint of the table, which every changed row would pay for: what else writes
    -- the log, writes severities of its own.
    IF EXISTS (SELECT FROM jsonb_array_elements(events) AS e
                WHERE e ->> 'severity' NOT IN ('debug', 'info', 'notice', 'warning', 'error', 'critical')) THEN
        RAISE EXCEPTION 'an event has a severity that there is not'
            USING ERRCODE = 'check_violation', HINT = 'It is debug, info, notice, warning, error or critical.';
    END IF;
    RETURN QUERY
    INSERT INTO public.agi_audit_logs (
        epoch, tenant, category, severity, outcome, event_type, actor_type, actor_id, actor_label,
        impersonator_id, db_role, app_name, request_id, ip, user_agent, method, route, status,
        duration_ms, op, target_table, target_pk, changes, snapshot, rows_affected, truncated,
        who_salt, what_salt)
    SELECT here,
           coalesce(of_tenant, e.tenant, nullif(in_schema, 'public')),
           coalesce(e.category, 'system'),
           coalesce(e.severity, 'info'),
           coalesce(e.outcome, 'success'),
           e.event_type,
           coalesce(e.actor_type, 'system'),
           e.actor_id,
           e.actor_label,
           e.impersonator_id,
           -- Here current_user is this function's owner.
           coalesce(nullif(current_setting('role'), 'none'), session_user::text)::name,
           coalesce(e.app_name, nullif(current_setting('application_name'), '')),
           e.request_id, e.ip, e.user_agent, e.method, e.route, e.status,
           e.duration_ms, e.op, e.target_table, e.target_pk,
           public.agi_audit_prepare(e.changes, '{}'), public.agi_audit_prepare(e.snapshot, '{}'),
           e.rows_affected,
           greatest(pg_column_size(e.changes), pg_column_size(e.snapshot)) > 65536 IS TRUE,
           md5(concat(random, 'who', e.ordinality))::uuid, md5(concat(random, 'what', e.ordinality))::uuid
      FROM jsonb_populate_recordset(NULL::public.agi_audit_logs, events) WITH ORDINALITY AS e
     ORDER BY e.ordinality
    RETURNING agi_audit_logs.id;
END;
$$;
