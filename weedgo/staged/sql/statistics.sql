SELECT u.name AS schema, s.stxname::text AS name, s.oid,
       pg_get_userbyid(s.stxowner)::text AS owner,
       ARRAY(SELECT k FROM unnest(s.stxkind::text[]) k WHERE k <> 'e' ORDER BY k) AS types,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys) ORDER BY 1) AS columns,
       coalesce(pg_get_statisticsobjdef_expressions(s.oid), '{}') AS expressions,
       pg_get_statisticsobjdef(s.oid) AS _definition,
       nullif(s.stxstattarget, -1)::int AS statistics,
       n.nspname::text AS table_schema, r.relname::text AS table_name
FROM pg_statistic_ext s
JOIN user_schema u ON u.oid = s.stxnamespace
JOIN pg_class r ON r.oid = s.stxrelid
JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE s.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_statistic_ext'::regclass)
