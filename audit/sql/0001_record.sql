-- How events enter the audit log; the caller is audit/services.py.

-- The schema's default is evaluated at the call, before search_path is pinned.
CREATE FUNCTION public.agi_audit_record(events jsonb, in_schema name DEFAULT current_schema())
    RETURNS SETOF bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO public.agi_audit_logs (
        tenant, category, severity, outcome, event_type, actor_type, actor_id, actor_label,
        impersonator_id, db_role, app_name, request_id, ip, user_agent, method, route, status,
        duration_ms, op, target_table, target_pk, changes, snapshot, rows_affected, truncated)
    SELECT coalesce(e.tenant, nullif(in_schema, 'public')),
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
           e.duration_ms, e.op, e.target_table, e.target_pk, e.changes, e.snapshot, e.rows_affected,
           coalesce(e.truncated, false)
      FROM jsonb_populate_recordset(NULL::public.agi_audit_logs, events) WITH ORDINALITY AS e
     ORDER BY e.ordinality
    RETURNING id
$$;
COMMENT ON FUNCTION public.agi_audit_record(jsonb, name) IS
    'Records a list of events; time, transaction and role are the database''s own. Returns their ids.';
REVOKE ALL ON FUNCTION public.agi_audit_record(jsonb, name) FROM PUBLIC;
