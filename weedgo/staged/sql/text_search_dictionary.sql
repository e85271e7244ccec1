--@if EXISTS (SELECT FROM pg_ts_dict WHERE oid >= 16384)
SELECT u.name AS schema, d.dictname::text AS name, d.oid, pg_get_userbyid(d.dictowner)::text AS owner,
       format('%I.%I', tn.nspname, t.tmplname) AS template, coalesce(d.dictinitoption, '') AS options
FROM pg_ts_dict d
JOIN user_schema u ON u.oid = d.dictnamespace
JOIN pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE d.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_ts_dict'::regclass)
