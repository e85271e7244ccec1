-- Names that schemas of tenants have had. Shared tables, the audit log above all, know a tenant by
-- its schema's name and are never rewritten, so nobody else may come to bear it.

CREATE FUNCTION public.weedgo_keep_name() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' OR old.schema_name <> new.schema_name THEN
        INSERT INTO public.tenancy_former_name (schema_name, tenant_id, since)
        VALUES (old.schema_name, old.id, clock_timestamp()) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION public.weedgo_keep_name() IS 'Keeps the name that a tenant had.';

CREATE FUNCTION public.weedgo_refuse_former_name() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM public.tenancy_former_name AS f
                WHERE f.schema_name = new.schema_name AND f.tenant_id <> new.id) THEN
        RAISE EXCEPTION 'a tenant called % there has been: the audit log holds what it did under that name',
            new.schema_name
            USING ERRCODE = 'unique_violation', HINT = 'Choose another name.';
    END IF;
    RETURN new;
END;
$$;
COMMENT ON FUNCTION public.weedgo_refuse_former_name() IS 'Refuses a tenant the name that another had.';

REVOKE ALL ON FUNCTION public.weedgo_keep_name(), public.weedgo_refuse_former_name() FROM PUBLIC;
