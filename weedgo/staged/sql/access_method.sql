--@if EXISTS (SELECT FROM pg_am WHERE oid >= 16384)
SELECT '' AS schema, a.amname::text AS name, a.oid,
       CASE a.amtype WHEN 't' THEN 'TABLE' ELSE 'INDEX' END AS type,
       format('%I.%I', n.nspname, p.proname) AS handler
FROM pg_am a
JOIN pg_proc p ON p.oid = a.amhandler
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE a.oid >= 16384
  AND a.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_am'::regclass)
