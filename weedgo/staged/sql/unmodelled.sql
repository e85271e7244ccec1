-- What the engine does not handle: named, so that nothing is passed over silently.
-- A superuser alone reads what a subscription connects to.
SELECT 'subscription' AS kind, s.subname::text AS path
FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid AND d.datname = current_database()
WHERE NOT has_column_privilege('pg_subscription', 'subconninfo', 'SELECT')
UNION ALL
SELECT CASE WHEN NOT t.typisdefined THEN 'shell type' ELSE 'base type' END, u.name || '.' || t.typname
FROM pg_type t
JOIN user_schema u ON u.oid = t.typnamespace
WHERE t.typtype IN ('b', 'p') AND t.typrelid = 0
  AND NOT EXISTS (SELECT FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid)
  AND t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_type'::regclass)
UNION ALL
SELECT 'security label', format('%s on %s', l.provider, pg_describe_object(l.classoid, l.objoid, l.objsubid))
FROM pg_seclabel l
UNION ALL
SELECT 'dependence on an extension', pg_describe_object(d.classid, d.objid, d.objsubid)
FROM pg_depend d
WHERE d.deptype = 'x'
