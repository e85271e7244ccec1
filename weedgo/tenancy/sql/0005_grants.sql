-- Who may do what: the roles and their rights, brought about as often as one likes.

CREATE FUNCTION public.weedgo_grant(what text, role text DEFAULT 'weedgo_tenant') RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Where the owner may make no roles there is nobody to grant anything to.
    IF to_regrole(quote_ident(role)) IS NOT NULL THEN
        EXECUTE format('GRANT %s TO %I', what, role);
    END IF;
END;
$$;
COMMENT ON FUNCTION public.weedgo_grant(text, text) IS
    'Grants what every tenant may do with a shared object, as in: SELECT ON public.x.';

-- A shared function that runs with its caller's rights gives nobody more than these. One that runs
-- with its owner's is only for those to whom a migration has granted it.
CREATE FUNCTION public.weedgo_close_functions() RETURNS void
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
         WHERE pg_has_role(current_user, p.proowner, 'USAGE') AND p.prokind <> 'a'
           AND (p.prosecdef OR p.pronamespace <> 'public'::regnamespace)
           AND p.pronamespace IN (
               SELECT 'public'::regnamespace::oid
               UNION ALL SELECT n.oid FROM pg_namespace AS n JOIN public.tenancy_tenant AS t ON t.schema_name = n.nspname::text)
           AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0)
           AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass
                              AND d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON %s %s FROM PUBLIC', open.kind, open.signature);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION public.weedgo_close_functions() IS 'Takes EXECUTE from PUBLIC.';

CREATE FUNCTION public.weedgo_open_platform() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lacking text;
BEGIN
    -- Row-level security and triggers say what operators may not do; rights are to all tables.
    SELECT string_agg(c.oid::regclass::text, ', ') INTO lacking FROM pg_class AS c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
       AND NOT c.relispartition AND pg_has_role(current_user, c.relowner, 'USAGE')
       AND NOT has_table_privilege('weedgo_platform', c.oid, 'DELETE');
    IF lacking IS NOT NULL THEN
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO weedgo_platform', lacking);
    END IF;
    SELECT string_agg(c.oid::regclass::text, ', ') INTO lacking FROM pg_class AS c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S'
       AND pg_has_role(current_user, c.relowner, 'USAGE')
       -- Nothing else says in which order conditions are looked at.
       AND CASE c.relkind WHEN 'S' THEN NOT has_sequence_privilege('weedgo_platform', c.oid, 'USAGE') END;
    IF lacking IS NOT NULL THEN
        EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %s TO weedgo_platform', lacking);
    END IF;
    SELECT string_agg(p.oid::regprocedure::text, ', ') INTO lacking FROM pg_proc AS p
     WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
       AND pg_has_role(current_user, p.proowner, 'USAGE')
       AND NOT has_function_privilege('weedgo_platform', p.oid, 'EXECUTE');
    IF lacking IS NOT NULL THEN
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO weedgo_platform', lacking);
    END IF;
    -- The journal of migrations is made by the first of them; operators read it, tenants never.
    IF EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname = 'weedgo_migration'
                  AND pg_has_role(current_user, n.nspowner, 'USAGE')) THEN
        GRANT USAGE ON SCHEMA weedgo_migration TO weedgo_platform;
        GRANT SELECT ON ALL TABLES IN SCHEMA weedgo_migration TO weedgo_platform;
    END IF;
END;
$$;
COMMENT ON FUNCTION public.weedgo_open_platform() IS 'Gives operators all of the shared schema.';

CREATE FUNCTION public.weedgo_open_tenant(tenant bigint, home text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mine text := public.weedgo_role_of(tenant);
BEGIN
    PERFORM public.weedgo_make_role(mine);
    EXECUTE format('GRANT weedgo_tenant TO %I', mine);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', home, mine);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', home, mine);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I', home, mine);
    EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO %I', home, mine);
    -- For what migrations make later.
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', home, mine);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE, SELECT ON SEQUENCES TO %I', home, mine);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT EXECUTE ON FUNCTIONS TO %I', home, mine);
END;
$$;
COMMENT ON FUNCTION public.weedgo_open_tenant(bigint, text) IS 'Gives a tenant''s role its own schema.';

CREATE FUNCTION public.weedgo_tenants_lacking_rights()
    RETURNS TABLE (id bigint, schema_name text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH known AS MATERIALIZED (
        SELECT t.id, n.oid AS home, t.schema_name::text AS schema_name,
               to_regrole(public.weedgo_role_of(t.id))::oid AS role
          FROM public.tenancy_tenant AS t JOIN pg_namespace AS n ON n.nspname::text = t.schema_name
         WHERE t.schema_name <> 'public')
    SELECT k.id, k.schema_name FROM known AS k
     WHERE k.role IS NULL OR NOT has_schema_privilege(k.role, k.home, 'USAGE')
    UNION
    SELECT k.id, k.schema_name FROM known AS k JOIN pg_class AS c ON c.relnamespace = k.home
     WHERE k.role IS NOT NULL AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
       AND NOT EXISTS (SELECT FROM aclexplode(c.relacl) AS a WHERE a.grantee = k.role)
    UNION
    SELECT k.id, k.schema_name FROM known AS k JOIN pg_proc AS p ON p.pronamespace = k.home
     WHERE k.role IS NOT NULL
       AND NOT EXISTS (SELECT FROM aclexplode(p.proacl) AS a WHERE a.grantee = k.role)
$$;
COMMENT ON FUNCTION public.weedgo_tenants_lacking_rights() IS
    'Tenants whose role does not stand or may not use all of their schema.';

CREATE FUNCTION public.weedgo_admit(login text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    choice text;
    wanted record;
BEGIN
    -- Since 16 each membership says whether its rights come by themselves; before, the login does.
    IF current_setting('server_version_num')::integer >= 160000 THEN
        choice := ' WITH INHERIT FALSE, SET TRUE';
    ELSE
        choice := '';
        IF (SELECT r.rolinherit FROM pg_roles AS r WHERE r.rolname = login) THEN
            EXECUTE format('ALTER ROLE %I NOINHERIT', login);
        END IF;
    END IF;
    -- Another database's login has no business here, whatever roles it has there.
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), login);
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', login);
    EXECUTE format('GRANT EXECUTE ON FUNCTION public.weedgo_resolve(text, text) TO %I', login);
    FOR wanted IN
        SELECT 'weedgo_platform' AS role, true AS wished
        UNION ALL
        SELECT public.weedgo_role_of(t.id), t.state = 'active' FROM public.tenancy_tenant AS t
         WHERE t.schema_name <> 'public'
    LOOP
        CONTINUE WHEN to_regrole(wanted.role) IS NULL
            OR wanted.wished = EXISTS (
                SELECT FROM pg_auth_members AS m
                 WHERE m.roleid = to_regrole(wanted.role) AND m.member = to_regrole(quote_ident(login)));
        IF wanted.wished THEN
            EXECUTE format('GRANT %I TO %I', wanted.role, login) || choice;
        ELSE
            EXECUTE format('REVOKE %I FROM %I', wanted.role, login);
        END IF;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION public.weedgo_admit(text) IS 'Lets a log-in act as the platform and as each active tenant.';

CREATE FUNCTION public.weedgo_isolate(login text DEFAULT NULL) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tenant record;
BEGIN
    -- Of two who do this at once, the second finds it done.
    PERFORM pg_advisory_xact_lock(hashtext('weedgo_isolate'));
    IF NOT (public.weedgo_make_role('weedgo_tenant') AND public.weedgo_make_role('weedgo_platform')) THEN
        RETURN format('%I may not create roles, so tenants have none: ALTER ROLE %I CREATEROLE', current_user, current_user);
    END IF;
    PERFORM public.weedgo_close_functions();
    PERFORM public.weedgo_open_platform();
    FOR tenant IN SELECT * FROM public.weedgo_tenants_lacking_rights() LOOP
        PERFORM public.weedgo_open_tenant(tenant.id, tenant.schema_name);
    END LOOP;
    IF login IS NULL OR pg_has_role(login, current_user, 'USAGE') THEN
        RETURN 'the application logs in as the owner of the tables or as a superuser, so no role keeps it from other tenants';
    END IF;
    PERFORM public.weedgo_admit(login);
    RETURN '';
END;
$$;
COMMENT ON FUNCTION public.weedgo_isolate(text) IS
    'Brings about roles and rights for all tenants and a log-in; returns which protection is off.';

REVOKE ALL ON FUNCTION
    public.weedgo_grant(text, text), public.weedgo_close_functions(), public.weedgo_open_platform(),
    public.weedgo_open_tenant(bigint, text), public.weedgo_tenants_lacking_rights(),
    public.weedgo_admit(text), public.weedgo_isolate(text)
    FROM PUBLIC;

-- What policies, defaults and activation call.
SELECT public.weedgo_grant('EXECUTE ON FUNCTION public.weedgo_role_of(bigint), public.weedgo_is_owner(),
    public.weedgo_is_platform(), public.weedgo_active_tenant(), public.weedgo_active_schema(text),
    public.weedgo_resolve(text, text), public.weedgo_current_tenant(text),
    public._pgtrigger_should_ignore(name)');
