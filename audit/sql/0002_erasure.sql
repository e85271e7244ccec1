-- The one change that the log allows: a person's fields are blanked, and a digest stands for them.
-- A seal covers that digest, so it stays valid; see audit/seals.py for the same digests.

CREATE FUNCTION public.agi_audit_who_digest(e public.agi_audit_logs) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(e.who_digest, sha256(convert_to(
        jsonb_build_array(e.who_salt, e.actor_label, e.ip, e.user_agent)::text, 'UTF8')))
$$;

CREATE FUNCTION public.agi_audit_what_digest(e public.agi_audit_logs) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(e.what_digest, sha256(convert_to(
        jsonb_build_array(e.what_salt, e.changes, e.snapshot)::text, 'UTF8')))
$$;

CREATE OR REPLACE FUNCTION public.agi_audit_refuse() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    erasable constant text[] := '{who_salt,what_salt,who_digest,what_digest,erasure_id,actor_label,ip,user_agent,changes,snapshot}';
BEGIN
    IF TG_OP = 'UPDATE' AND starts_with(TG_TABLE_NAME, 'agi_audit_logs') THEN
        IF to_jsonb(NEW) - erasable = to_jsonb(OLD) - erasable
            AND public.agi_audit_who_digest(NEW) = public.agi_audit_who_digest(OLD)
            AND public.agi_audit_what_digest(NEW) = public.agi_audit_what_digest(OLD)
            AND (NEW.who_digest IS NULL OR NEW.who_salt IS NULL AND NEW.actor_label IS NULL
                 AND NEW.ip IS NULL AND NEW.user_agent IS NULL)
            AND (NEW.what_digest IS NULL OR NEW.what_salt IS NULL AND NEW.changes IS NULL AND NEW.snapshot IS NULL)
            AND EXISTS (SELECT FROM public.agi_audit_logs AS e
                         WHERE e.event_type = 'audit.person_erased' AND e.xid = pg_current_xact_id()
                           AND e.id = CASE WHEN OLD.erasure_id IS NULL THEN NEW.erasure_id ELSE e.id END
                           AND NEW.erasure_id = coalesce(OLD.erasure_id, e.id))
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END;
$$;

-- A person acts as `actor` and is described by rows: `targets` is an array of objects with the keys
-- tenant (null: the platform), table and pk.
CREATE FUNCTION public.agi_audit_erase_person(actor text, targets jsonb, reason text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    entry public.agi_audit_logs := public.agi_audit_entry('ERASE', NULL, 'public');
    acted bigint[];
    described bigint[];
    total bigint;
BEGIN
    acted := ARRAY(SELECT l.id FROM public.agi_audit_logs AS l
                    WHERE l.actor_id = actor AND l.actor_type IN ('user', 'anonymous') AND l.who_digest IS NULL);
    described := ARRAY(
        SELECT l.id FROM jsonb_to_recordset(targets) AS t (tenant text, "table" text, pk text)
          JOIN public.agi_audit_logs AS l ON l.target_table = t."table" AND l.target_pk = t.pk
           AND l.tenant IS NOT DISTINCT FROM t.tenant
         WHERE l.what_digest IS NULL AND (l.changes IS NOT NULL OR l.snapshot IS NOT NULL));
    -- A row that an earlier erasure has blanked in part stays with that one.
    total := (SELECT count(*) FROM public.agi_audit_logs AS l
               WHERE l.id = ANY (acted || described) AND l.erasure_id IS NULL);
    entry.category := 'security';
    entry.severity := 'notice';
    entry.event_type := 'audit.person_erased';
    entry.op := NULL;
    entry.actor_type := coalesce(entry.actor_type, 'system');
    entry.rows_affected := total;
    entry.changes := jsonb_strip_nulls(jsonb_build_object('actor', actor, 'rows_of', targets, 'reason', reason));
    entry.who_salt := gen_random_uuid();
    entry.what_salt := gen_random_uuid();
    INSERT INTO public.agi_audit_logs VALUES (entry.*);
    UPDATE public.agi_audit_logs AS l
       SET erasure_id = coalesce(l.erasure_id, entry.id),
           who_digest = CASE WHEN l.id = ANY (acted) THEN public.agi_audit_who_digest(l) ELSE l.who_digest END,
           who_salt = CASE WHEN l.id <> ALL (acted) THEN l.who_salt END,
           actor_label = CASE WHEN l.id <> ALL (acted) THEN l.actor_label END,
           ip = CASE WHEN l.id <> ALL (acted) THEN l.ip END,
           user_agent = CASE WHEN l.id <> ALL (acted) THEN l.user_agent END,
           what_digest = CASE WHEN l.id = ANY (described) THEN public.agi_audit_what_digest(l) ELSE l.what_digest END,
           what_salt = CASE WHEN l.id <> ALL (described) THEN l.what_salt END,
           changes = CASE WHEN l.id <> ALL (described) THEN l.changes END,
           snapshot = CASE WHEN l.id <> ALL (described) THEN l.snapshot END
     WHERE l.id = ANY (acted || described);
    RETURN entry.id;
END;
$$;
COMMENT ON FUNCTION public.agi_audit_erase_person(text, jsonb, text) IS
    'Blanks what the log holds of a person, records that, and returns the entry''s id; for the owner only.';

REVOKE ALL ON FUNCTION
    public.agi_audit_who_digest(public.agi_audit_logs), public.agi_audit_what_digest(public.agi_audit_logs),
    public.agi_audit_erase_person(text, jsonb, text) FROM PUBLIC;

-- Rows go by whole partitions only, when they are sealed, and the log says so. The leaves of seals
-- that covered nothing else go too.
CREATE FUNCTION public.agi_audit_drop_partition(partition_name text, details jsonb DEFAULT '{}') RETURNS bigint
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    entry public.agi_audit_logs := public.agi_audit_entry('DROP', partition_name, 'public');
    part regclass := (SELECT i.inhrelid FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                       WHERE i.inhparent = 'public.agi_audit_logs'::regclass AND c.relname = partition_name
                         AND c.relname ~ '^agi_audit_logs_[0-9]{4}_[0-9]{2}$');
    sealed record;
    unsealed boolean;
    numbers bigint[];
BEGIN
    IF part IS NULL THEN
        RAISE EXCEPTION 'the audit log has no partition %', partition_name USING ERRCODE = 'undefined_table';
    END IF;
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', part);
    SELECT s.epoch, s.to_xid, s.to_id INTO sealed FROM public.agi_audit_seals AS s ORDER BY s.number DESC LIMIT 1;
    EXECUTE format('SELECT EXISTS (SELECT FROM %s AS l WHERE $1 IS NULL OR l.epoch > $1 OR (l.epoch = $1 AND '
                   '(l.xid::text::bigint, l.id) >= ($2, $3)))', part)
       INTO unsealed USING sealed.epoch, sealed.to_xid, sealed.to_id;
    IF unsealed THEN
        RAISE EXCEPTION 'partition % has rows that are not sealed', partition_name
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Run audit_seal first.';
    END IF;
    EXECUTE format('SELECT count(*) FROM %s', part) INTO entry.rows_affected;
    -- Seals of which another partition has a row keep their leaves.
    EXECUTE format($query$
        SELECT array_agg(s.number ORDER BY s.number) FROM public.agi_audit_seals AS s
         WHERE s.rows > 0 AND s.rows = (SELECT count(*) FROM %1$s AS l WHERE l.epoch = s.epoch
               AND (l.xid, l.id) >= (s.from_xid::text::xid8, s.from_id)
               AND (l.xid, l.id) < (s.to_xid::text::xid8, s.to_id))
    $query$, part) INTO numbers;
    entry.category := 'security';
    entry.severity := 'notice';
    entry.event_type := 'audit.partition_dropped';
    entry.op := NULL;
    entry.target_table := partition_name;
    entry.changes := details || jsonb_build_object('rows', entry.rows_affected, 'seals',
        CASE WHEN numbers <> '{}' THEN jsonb_build_array(numbers[1], numbers[cardinality(numbers)]) END);
    entry.who_salt := gen_random_uuid();
    entry.what_salt := gen_random_uuid();
    INSERT INTO public.agi_audit_logs VALUES (entry.*);
    DELETE FROM public.agi_audit_leaves AS v WHERE v.seal = ANY (numbers);
    EXECUTE format('ALTER TABLE public.agi_audit_logs DETACH PARTITION %s', part);
    EXECUTE format('DROP TABLE %s', part);
    RETURN entry.id;
END;
$$;
COMMENT ON FUNCTION public.agi_audit_drop_partition(text, jsonb) IS
    'Drops a partition whose rows are all sealed, and records that; for the owner only.';

REVOKE ALL ON FUNCTION public.agi_audit_drop_partition(text, jsonb) FROM PUBLIC;
