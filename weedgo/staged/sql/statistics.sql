SELECT u.name AS schema, s.stxname::text AS name, s.oid,
       pg_get_userbyid(s.stxowner)::text AS owner,
       pg_get_statisticsobjdef(s.oid) AS definition,
       nullif(s.stxstattarget, -1)::int AS statistics,
       n.nspname::text AS _table_schema, r.relname::text AS _table_name
FROM pg_statistic_ext s
JOIN user_schema u ON u.oid = s.stxnamespace
JOIN pg_class r ON r.oid = s.stxrelid
JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE s.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_statistic_ext'::regclass)
