-- How changed rows enter the audit log: the trigger function of every tracked table.

-- The key of masked columns, as the two pads of HMAC (RFC 2104); only the owner reads it.
CREATE TABLE public.agi_audit_keys (
    id integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    inner_pad bytea NOT NULL CHECK (length(inner_pad) = 64),
    outer_pad bytea NOT NULL CHECK (length(outer_pad) = 64)
);
COMMENT ON TABLE public.agi_audit_keys IS 'What masked values are hashed with.';
REVOKE ALL ON public.agi_audit_keys FROM PUBLIC;

CREATE FUNCTION public.agi_audit_mask(value text) RETURNS text
    LANGUAGE plpgsql VOLATILE STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    pads public.agi_audit_keys;
    secret bytea;
BEGIN
    SELECT k.* INTO pads FROM public.agi_audit_keys AS k;
    IF pads.id IS NULL THEN
        -- Made on first use, so that databases made from one template have keys of their own.
        secret := decode(translate(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
            gen_random_uuid()), '-', ''), 'hex');
        INSERT INTO public.agi_audit_keys (inner_pad, outer_pad)
        SELECT decode(string_agg(lpad(to_hex(get_byte(secret, i) # 54), 2, '0'), '' ORDER BY i), 'hex'),
               decode(string_agg(lpad(to_hex(get_byte(secret, i) # 92), 2, '0'), '' ORDER BY i), 'hex')
          FROM generate_series(0, 63) AS i
            ON CONFLICT DO NOTHING;
        SELECT k.* INTO pads FROM public.agi_audit_keys AS k;
    END IF;
    RETURN 'hmac:' || encode(sha256(pads.outer_pad || sha256(pads.inner_pad || convert_to(value, 'UTF8'))), 'hex');
END;
$$;
COMMENT ON FUNCTION public.agi_audit_mask(text) IS 'HMAC-SHA-256 of a value: equal values stay equal, and unreadable.';

CREATE FUNCTION public.agi_audit_prepare(document jsonb, masked text[]) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    large constant integer := 1024;
    too_large boolean := pg_column_size(document) > 65536;
    prepared jsonb := '{}';
    name text;
    value jsonb;
BEGIN
    FOR name, value IN SELECT d.key, d.value FROM jsonb_each(document) AS d LOOP
        IF name = ANY (masked) THEN
            value := CASE jsonb_typeof(value)
                WHEN 'array' THEN jsonb_build_array(
                    public.agi_audit_mask(value ->> 0), public.agi_audit_mask(value ->> 1))
                WHEN 'null' THEN value
                ELSE to_jsonb(public.agi_audit_mask(value #>> '{}')) END;
        ELSIF too_large AND length(value::text) > large THEN
            value := jsonb_build_object('sha256', encode(sha256(convert_to(value::text, 'UTF8')), 'hex'),
                                        'length', length(value::text));
        END IF;
        prepared := prepared || jsonb_build_object(name, value);
    END LOOP;
    RETURN prepared;
END;
$$;
COMMENT ON FUNCTION public.agi_audit_prepare(jsonb, text[]) IS
    'A document with masked values hashed, and large ones too where it exceeds 64 kB.';

-- What all rows of a statement have in common: who, by what request, in which database and role.
CREATE FUNCTION public.agi_audit_entry(op text, table_name text, home text) RETURNS public.agi_audit_logs
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    context constant jsonb := nullif(current_setting('weedgo.audit', true), '');
    entry public.agi_audit_logs;
BEGIN
    entry.id := nextval('public.agi_audit_logs_id_seq');
    entry.xid := pg_current_xact_id();
    entry.occurred_at := clock_timestamp();
    entry.epoch := coalesce(
        (SELECT e.epoch FROM public.agi_audit_epochs AS e WHERE e.xmin = e.written_by), public.agi_audit_epoch());
    entry.tenant := nullif(home, 'public');
    entry.category := 'data';
    entry.severity := CASE op WHEN 'TRUNCATE' THEN 'warning' ELSE 'info' END;
    entry.outcome := 'success';
    entry.event_type := CASE op WHEN 'INSERT' THEN 'row.inserted' WHEN 'UPDATE' THEN 'row.updated'
        WHEN 'DELETE' THEN 'row.deleted' ELSE 'table.truncated' END;
    entry.actor_type := coalesce(left(context ->> 'actor_type', 20), 'system');
    entry.actor_id := left(context ->> 'actor_id', 64);
    entry.actor_label := left(context ->> 'actor_label', 254);
    entry.impersonator_id := left(context ->> 'impersonator_id', 64);
    -- Here current_user is this function's owner.
    entry.db_role := coalesce(nullif(current_setting('role'), 'none'), session_user::text);
    entry.app_name := nullif(current_setting('application_name'), '');
    entry.request_id := context ->> 'request_id';
    entry.ip := context ->> 'ip';
    entry.user_agent := context ->> 'user_agent';
    entry.method := left(context ->> 'method', 10);
    entry.route := left(context ->> 'route', 200);
    entry.op := op;
    entry.target_table := table_name;
    entry.truncated := false;
    entry.who_salt := gen_random_uuid();
    entry.what_salt := gen_random_uuid();
    RETURN entry;
END;
$$;
COMMENT ON FUNCTION public.agi_audit_entry(text, text, text) IS
    'An entry of a statement on a table, without its row; time, transaction and role are the database''s own.';

-- The statement that records many rows at once. Values are compared as they are stored, so that no
-- type's idea of equality hides a change.
CREATE FUNCTION public.agi_audit_bulk_insert(op text, relation regclass, keys text[], ignored text[]) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    source text;
    document text;
    key_of text;
BEGIN
    SELECT format('concat_ws('','', %s)', string_agg(format('to_jsonb(r.%I) #>> ''{}''', k), ', '))
      INTO key_of FROM unnest(keys) AS k;
    IF op = 'UPDATE' THEN
        SELECT string_agg(format('CASE WHEN record_image_ne(ROW(o.%1$I), ROW(r.%1$I)) THEN jsonb_build_object(%2$L, '
                                 'jsonb_build_array(o.%1$I, r.%1$I)) ELSE ''{}'' END', a.attname, a.attname),
                          ' || ' ORDER BY a.attnum)
          INTO document FROM pg_attribute AS a
         WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (ignored);
        source := '(SELECT x.*, row_number() OVER () AS agi_audit_row FROM newt AS x) AS r '
                  'JOIN (SELECT x.*, row_number() OVER () AS agi_audit_row FROM oldt AS x) AS o USING (agi_audit_row)';
    ELSE
        source := CASE op WHEN 'INSERT' THEN 'newt AS r' ELSE 'oldt AS r' END;
        document := 'to_jsonb(r.*)' || CASE WHEN ignored <> '{}' THEN format(' - %L::text[]', ignored) ELSE '' END;
    END IF;
    RETURN format(
        'INSERT INTO public.agi_audit_logs (epoch, tenant, category, severity, outcome, event_type, actor_type, '
        'actor_id, actor_label, impersonator_id, db_role, app_name, request_id, ip, user_agent, method, route, op, '
        'target_table, target_pk, %s, truncated, who_salt, what_salt) '
        'SELECT $1.epoch, $1.tenant, $1.category, $1.severity, $1.outcome, $1.event_type, $1.actor_type, '
        '$1.actor_id, $1.actor_label, $1.impersonator_id, $1.db_role, $1.app_name, $1.request_id, $1.ip, '
        '$1.user_agent, $1.method, $1.route, $1.op, $1.target_table, left(d.key, 200), '
        'CASE WHEN d.size > 65536 OR $2 <> ''{}'' THEN public.agi_audit_prepare(d.document, $2) ELSE d.document END, '
        'd.size > 65536, '
        'md5(concat($3, ''who'', d.number))::uuid, md5(concat($3, ''what'', d.number))::uuid '
        'FROM (SELECT e.*, pg_column_size(e.document) AS size, row_number() OVER () AS number '
              'FROM (SELECT %s AS key, %s AS document FROM %s OFFSET 0) AS e '
              'WHERE e.document <> ''{}'') AS d',
        CASE op WHEN 'UPDATE' THEN 'changes' ELSE 'snapshot' END, key_of, document, source);
END;
$$;
COMMENT ON FUNCTION public.agi_audit_bulk_insert(text, regclass, text[], text[]) IS
    'The statement that records the rows of the transition tables newt and oldt.';

-- Arguments of the trigger: the table's name as the model has it, then its key's, the masked and
-- the ignored columns, each as an array.
--
-- Most statements change one row, and that way is short: each query, node of a plan and constraint
-- is paid for by every change. Hence no record is filled first, and nothing is asked twice.
CREATE FUNCTION public.agi_audit_capture() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
    SET bytea_output = 'hex'
    SET intervalstyle = 'postgres'
    SET extra_float_digits = '1'
AS $$
DECLARE
    context constant jsonb := nullif(current_setting('weedgo.audit', true), '');
    -- Salts of one statement tell nothing of each other, for the price of one.
    random constant uuid := gen_random_uuid();
    keys constant text[] := TG_ARGV[1];
    before jsonb;
    after jsonb;
    several boolean;
    changes jsonb;
    snapshot jsonb;
    too_large boolean;
    key text;
    actor_type text := 'system';
    actor_id text;
    actor_label text;
    impersonator_id text;
    request_id uuid;
    ip inet;
    user_agent text;
    method text;
    route text;
    who_salt uuid;
BEGIN
    -- Unless there are several, there is but one row in each of the tables that are joined here.
    IF TG_OP = 'UPDATE' THEN
        SELECT to_jsonb(o.*), to_jsonb(n.*), EXISTS (SELECT FROM newt OFFSET 1) INTO before, after, several
          FROM oldt AS o, newt AS n;
    ELSIF TG_OP = 'INSERT' THEN
        SELECT to_jsonb(n.*), EXISTS (SELECT FROM newt OFFSET 1) INTO after, several FROM newt AS n;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT to_jsonb(o.*), EXISTS (SELECT FROM oldt OFFSET 1) INTO after, several FROM oldt AS o;
    ELSE
        INSERT INTO public.agi_audit_logs
        SELECT e.* FROM public.agi_audit_entry(TG_OP, TG_ARGV[0], TG_TABLE_SCHEMA) AS e;
        RETURN NULL;
    END IF;
    IF several THEN
        -- Planned for the rows it has: a plan that was cached for few takes a minute for thousands.
        EXECUTE public.agi_audit_bulk_insert(TG_OP, TG_RELID, keys, TG_ARGV[3]::text[])
            USING public.agi_audit_entry(TG_OP, TG_ARGV[0], TG_TABLE_SCHEMA), TG_ARGV[2]::text[], random;
        RETURN NULL;
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(c.name, jsonb_build_array(before -> c.name, after -> c.name)) INTO changes
          FROM (SELECT jsonb_object_keys(after) AS name) AS c
         WHERE (before -> c.name)::text IS DISTINCT FROM (after -> c.name)::text
           AND c.name <> ALL (TG_ARGV[3]::text[]);
    ELSE
        snapshot := after - TG_ARGV[3]::text[];
    END IF;
    too_large := pg_column_size(coalesce(changes, snapshot)) > 65536;
    IF too_large IS NULL THEN
        RETURN NULL;
    ELSIF too_large OR TG_ARGV[2] <> '{}' THEN
        changes := public.agi_audit_prepare(changes, TG_ARGV[2]::text[]);
        snapshot := public.agi_audit_prepare(snapshot, TG_ARGV[2]::text[]);
    END IF;
    IF cardinality(keys) = 1 THEN
        key := after ->> keys[1];
    ELSE
        key := array_to_string(ARRAY(SELECT after ->> k FROM unnest(keys) AS k), ',');
    END IF;
    IF context IS NOT NULL THEN
        actor_type := coalesce(left(context ->> 'actor_type', 20), actor_type);
        actor_id := left(context ->> 'actor_id', 64);
        actor_label := left(context ->> 'actor_label', 254);
        impersonator_id := left(context ->> 'impersonator_id', 64);
        request_id := context ->> 'request_id';
        ip := context ->> 'ip';
        user_agent := context ->> 'user_agent';
        method := left(context ->> 'method', 10);
        route := left(context ->> 'route', 200);
        who_salt := md5(concat(random, 'who'));
    END IF;
    -- Here current_user is this function's owner.
    INSERT INTO public.agi_audit_logs (
        epoch, tenant, event_type, actor_type, actor_id, actor_label, impersonator_id, db_role, app_name,
        request_id, ip, user_agent, method, route, op, target_table, target_pk, changes, snapshot, truncated,
        who_salt, what_salt)
    VALUES (
        coalesce((SELECT e.epoch FROM public.agi_audit_epochs AS e WHERE e.xmin = e.written_by),
                 public.agi_audit_epoch()),
        nullif(TG_TABLE_SCHEMA, 'public'),
        CASE TG_OP WHEN 'INSERT' THEN 'row.inserted' WHEN 'UPDATE' THEN 'row.updated' ELSE 'row.deleted' END,
        actor_type, actor_id, actor_label, impersonator_id,
        coalesce(nullif(current_setting('role'), 'none'), session_user::text),
        nullif(current_setting('application_name'), ''),
        request_id, ip, user_agent, method, route, TG_OP, TG_ARGV[0], left(key, 200), changes, snapshot, too_large,
        who_salt, md5(concat(random, 'what'))::uuid);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION public.agi_audit_capture() IS 'Records the rows that a statement inserted, changed or deleted.';

REVOKE ALL ON FUNCTION
    public.agi_audit_mask(text), public.agi_audit_prepare(jsonb, text[]), public.agi_audit_entry(text, text, text),
    public.agi_audit_bulk_insert(text, regclass, text[], text[]), public.agi_audit_capture() FROM PUBLIC;
