--@if EXISTS (SELECT FROM pg_ts_template WHERE oid >= 16384)
SELECT u.name AS schema, t.tmplname::text AS name, t.oid,
       CASE WHEN t.tmplinit <> 0 THEN t.tmplinit::regproc::text END AS init, t.tmpllexize::regproc::text AS lexize
FROM pg_ts_template t
JOIN user_schema u ON u.oid = t.tmplnamespace
WHERE t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_ts_template'::regclass)
