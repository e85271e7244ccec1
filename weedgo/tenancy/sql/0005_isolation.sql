-- Who may see whose rows; see docs/concepts/isolation.md and weedgo/tenancy/isolation.py.
--
-- Roles belong to the whole server, so those of tenants bear the database's number. weedgo_tenant
-- holds what every tenant may do with shared objects, weedgo_platform what operators may.

CREATE FUNCTION public.weedgo_make_role(name text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regrole(quote_ident(name)) IS NULL THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', name);
    END IF;
    RETURN true;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN RETURN true;
    WHEN insufficient_privilege THEN RETURN false;
END;
$$;
COMMENT ON FUNCTION public.weedgo_make_role(text) IS
    'Makes a role that cannot log in, if it may; returns whether it stands.';

CREATE FUNCTION public.weedgo_role_of(tenant bigint) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN format('weedgo_%s_tenant_%s', (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()), tenant);
END;
$$;
COMMENT ON FUNCTION public.weedgo_role_of(bigint) IS 'The name of a tenant''s role.';

CREATE FUNCTION public.weedgo_is_owner() RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN pg_has_role(current_user, (SELECT c.relowner FROM pg_class AS c
        WHERE c.oid = 'public.tenancy_tenant'::regclass), 'USAGE');
END;
$$;
COMMENT ON FUNCTION public.weedgo_is_owner() IS 'Whether the current role has the rights of the tables'' owner.';

CREATE FUNCTION public.weedgo_is_platform() RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN current_user = 'weedgo_platform';
END;
$$;
COMMENT ON FUNCTION public.weedgo_is_platform() IS 'Whether the platform is active.';

CREATE FUNCTION public.weedgo_active_tenant() RETURNS bigint
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    setting text := current_setting('weedgo.tenant', true);
BEGIN
    -- Anybody may set a setting; nobody becomes another tenant's role by it.
    IF setting ~ '^[0-9]{1,18}$' AND current_user = public.weedgo_role_of(setting::bigint) THEN
        RETURN setting::bigint;
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION public.weedgo_active_tenant() IS
    'The active tenant, if the role and the setting weedgo.tenant agree on it; else NULL.';

-- The argument's default is evaluated at the call, before search_path is pinned. A role sees only
-- schemas that it may use there.
CREATE FUNCTION public.weedgo_active_schema(in_schema text DEFAULT current_schema()) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF in_schema <> 'public' AND public.weedgo_active_tenant() IS NOT NULL
       AND has_schema_privilege(current_user, in_schema, 'USAGE') THEN
        RETURN in_schema;
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION public.weedgo_active_schema(text) IS 'The schema of the active tenant, else NULL.';

CREATE FUNCTION public.weedgo_resolve(host text, in_schema text DEFAULT NULL)
    RETURNS TABLE (id bigint, schema_name text, name text, state text, role text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    -- Who owns the tables needs no other role, and with one role there is none.
    owns boolean := pg_has_role(session_user, current_user, 'USAGE');
BEGIN
    IF in_schema = 'public' THEN
        RETURN QUERY SELECT NULL::bigint, 'public', 'public', 'active',
            CASE WHEN NOT owns AND to_regrole('weedgo_platform') IS NOT NULL THEN 'weedgo_platform' END;
        RETURN;
    END IF;
    -- Apart, so that each is served by an index.
    IF in_schema IS NULL THEN
        SELECT t.id, t.schema_name, t.name, t.state INTO id, schema_name, name, state
          FROM public.tenancy_domain AS d JOIN public.tenancy_tenant AS t ON t.id = d.tenant_id
         WHERE d.domain = host;
    ELSE
        SELECT t.id, t.schema_name, t.name, t.state INTO id, schema_name, name, state
          FROM public.tenancy_tenant AS t WHERE t.schema_name = in_schema;
    END IF;
    IF FOUND THEN
        role := CASE WHEN owns THEN NULL
                     WHEN schema_name = 'public' THEN 'weedgo_platform'
                     WHEN state = 'active' THEN public.weedgo_role_of(id) END;
        RETURN NEXT;
    END IF;
END;
$$;
COMMENT ON FUNCTION public.weedgo_resolve(text, text) IS
    'The tenant that a host name leads to, or of a schema, and the role to take for it.';

REVOKE ALL ON FUNCTION
    public.weedgo_make_role(text), public.weedgo_role_of(bigint), public.weedgo_is_owner(),
    public.weedgo_is_platform(), public.weedgo_active_tenant(), public.weedgo_active_schema(text),
    public.weedgo_resolve(text, text)
    FROM PUBLIC;

SELECT public.weedgo_make_role('weedgo_tenant'), public.weedgo_make_role('weedgo_platform');
