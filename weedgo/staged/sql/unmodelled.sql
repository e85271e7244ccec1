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
UNION ALL
-- Objects of extensions and of the system come with grants; others were made by hand.
SELECT 'grants on a member of an extension or of the system', pg_describe_object('pg_proc'::regclass, p.oid, 0)
FROM pg_proc p
LEFT JOIN pg_init_privs i ON i.objoid = p.oid AND i.classoid = 'pg_proc'::regclass AND i.objsubid = 0
WHERE (p.oid < 16384 AND p.pronamespace = 'pg_catalog'::regnamespace OR p.oid IN (SELECT objid FROM extension_member WHERE classid = 'pg_proc'::regclass))
  AND p.proacl IS NOT NULL AND p.proacl IS DISTINCT FROM i.initprivs
UNION ALL
SELECT 'grants on a member of an extension or of the system', pg_describe_object('pg_class'::regclass, c.oid, 0)
FROM pg_class c
LEFT JOIN pg_init_privs i ON i.objoid = c.oid AND i.classoid = 'pg_class'::regclass AND i.objsubid = 0
WHERE (c.oid < 16384 AND c.relnamespace = 'pg_catalog'::regnamespace OR c.oid IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass))
  AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND c.relacl IS NOT NULL AND c.relacl IS DISTINCT FROM i.initprivs
