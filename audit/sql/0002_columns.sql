-- What seals, erasure and restores need of the log; see audit/seals.py.

-- Which database the rows of a time came from: transaction ids start again where a dump is restored.
CREATE TABLE public.agi_audit_epochs (
    epoch integer PRIMARY KEY,
    written_by xid,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE public.agi_audit_epochs IS 'The databases that the audit log has lived in.';

-- The row of this database is the one that was written by the transaction that it names; a restored
-- dump writes the same row by another.
CREATE FUNCTION public.agi_audit_epoch() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    here integer := (SELECT e.epoch FROM public.agi_audit_epochs AS e WHERE e.xmin = e.written_by);
BEGIN
    IF here IS NULL THEN
        -- Of two that are first, the second waits for the lock and finds the epoch made.
        LOCK TABLE public.agi_audit_epochs IN SHARE ROW EXCLUSIVE MODE;
        INSERT INTO public.agi_audit_epochs (epoch)
        SELECT coalesce(max(e.epoch) + 1, 0) FROM public.agi_audit_epochs AS e
        HAVING count(*) FILTER (WHERE e.xmin = e.written_by) = 0;
        -- By the same transaction, or the same part of one.
        UPDATE public.agi_audit_epochs AS e SET written_by = e.xmin WHERE e.written_by IS NULL;
        here := (SELECT e.epoch FROM public.agi_audit_epochs AS e WHERE e.xmin = e.written_by);
    END IF;
    RETURN here;
END;
$$;
COMMENT ON FUNCTION public.agi_audit_epoch() IS
    'The number of this database among those that the log has lived in; a restored dump is another.';

ALTER TABLE public.agi_audit_logs
    ADD COLUMN who_salt uuid,
    ADD COLUMN what_salt uuid,
    ADD COLUMN who_digest bytea,
    ADD COLUMN what_digest bytea,
    ADD COLUMN erasure_id bigint,
    ALTER COLUMN epoch SET DEFAULT public.agi_audit_epoch(),
    ALTER COLUMN who_salt SET DEFAULT gen_random_uuid(),
    ALTER COLUMN what_salt SET DEFAULT gen_random_uuid();
COMMENT ON COLUMN public.agi_audit_logs.who_digest IS 'Stands for actor_label, ip and user_agent when they were erased.';
COMMENT ON COLUMN public.agi_audit_logs.what_digest IS 'Stands for changes and snapshot when they were erased.';

REVOKE ALL ON FUNCTION public.agi_audit_epoch() FROM PUBLIC;
