SELECT '' AS schema, e.evtname::text AS name, e.oid, pg_get_userbyid(e.evtowner)::text AS owner,
       e.evtevent::text AS event, coalesce(e.evttags, '{}')::text[] AS tags,
       format('%I.%I', n.nspname, p.proname) AS function, e.evtenabled::text AS enabled
FROM pg_event_trigger e
JOIN pg_proc p ON p.oid = e.evtfoid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE e.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_event_trigger'::regclass)
