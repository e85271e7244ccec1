-- What tables that belong to a tenant stand on; see weedgo/tenancy/base.py.
-- Names are qualified and search_path is pinned, as these functions run with their owner's rights.

-- The argument's default is evaluated at the call, before search_path is pinned.
-- PL/pgSQL keeps its plan; a function in SQL that pins search_path is planned again for every row.
-- Schemas are texts here: a comparison with a name is by another collation than the index has.
CREATE FUNCTION public.weedgo_current_tenant(in_schema text DEFAULT current_schema()) RETURNS bigint
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    active text := current_setting('weedgo.tenant', true);
BEGIN
    IF active <> '' THEN
        RETURN active::bigint;
    END IF;
    RETURN (SELECT t.id FROM public.tenancy_tenant AS t WHERE t.schema_name = in_schema);
END;
$$;
COMMENT ON FUNCTION public.weedgo_current_tenant(text) IS
    'The active tenant: the setting weedgo.tenant, else the one whose schema comes first in search_path.';

CREATE FUNCTION public.weedgo_guard_tenant() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    home text := TG_TABLE_SCHEMA;
    owner_id bigint;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.tenant_id = OLD.tenant_id THEN
        RETURN NEW;
    END IF;
    IF home = 'public' THEN
        -- A shared table: only the active tenant can tell, and nobody hands rows over.
        owner_id := CASE TG_OP WHEN 'UPDATE' THEN OLD.tenant_id ELSE public.weedgo_current_tenant('public') END;
    ELSE
        SELECT t.id INTO owner_id FROM public.tenancy_tenant AS t WHERE t.schema_name = home;
    END IF;
    IF owner_id IS NULL THEN
        RAISE EXCEPTION 'no tenant owns rows of %.%', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege', HINT = 'Activate a tenant that public.tenancy_tenant names.';
    END IF;
    IF NEW.tenant_id IS DISTINCT FROM owner_id THEN
        RAISE EXCEPTION 'rows of %.% belong to tenant %, not to tenant %',
                TG_TABLE_SCHEMA, TG_TABLE_NAME, owner_id, coalesce(NEW.tenant_id::text, 'null')
            USING ERRCODE = 'insufficient_privilege', HINT = 'Leave tenant_id to the database.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION public.weedgo_guard_tenant() IS
    'Refuses rows whose tenant_id is not that of the tenant who owns the table''s schema.';

CREATE FUNCTION public.weedgo_touch() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.updated_at := statement_timestamp();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION public.weedgo_touch() IS 'Keeps the time of a row''s last change in updated_at.';

REVOKE ALL ON FUNCTION
    public.weedgo_current_tenant(text), public.weedgo_guard_tenant(), public.weedgo_touch()
    FROM PUBLIC;
