-- One tenant's roles and rights, without a look at all others.

CREATE FUNCTION public.weedgo_close_functions_of(home text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    open record;
BEGIN
    FOR open IN
        SELECT p.oid::regprocedure::text AS signature,
               CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS kind
          FROM pg_proc AS p
         WHERE p.pronamespace = quote_ident(home)::regnamespace AND p.prokind <> 'a'
           AND (p.prosecdef OR home <> 'public') AND pg_has_role(current_user, p.proowner, 'USAGE')
           AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0)
           AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass
                              AND d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON %s %s FROM PUBLIC', open.kind, open.signature);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION public.weedgo_close_functions_of(text) IS 'Takes EXECUTE from PUBLIC in one schema.';

CREATE FUNCTION public.weedgo_isolate_tenant(home text, login text DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('weedgo_isolate'));
    IF NOT public.weedgo_make_role('weedgo_tenant') THEN
        RETURN;
    END IF;
    PERFORM public.weedgo_close_functions_of(home);
    PERFORM public.weedgo_open_tenant(t.id, home) FROM public.tenancy_tenant AS t WHERE t.schema_name = home;
    IF login IS NOT NULL AND NOT pg_has_role(login, current_user, 'USAGE') THEN
        PERFORM public.weedgo_admit(login);
    END IF;
END;
$$;
COMMENT ON FUNCTION public.weedgo_isolate_tenant(text, text) IS
    'Brings about roles and rights for one tenant, where all others have theirs; see weedgo_isolate.';

REVOKE ALL ON FUNCTION
    public.weedgo_close_functions_of(text), public.weedgo_isolate_tenant(text, text)
    FROM PUBLIC;
