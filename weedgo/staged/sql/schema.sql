SELECT '' AS schema, n.nspname::text AS name, n.oid,
       pg_get_userbyid(n.nspowner)::text AS owner, n.nspacl::text[] AS acl
FROM pg_namespace n
JOIN user_schema u ON u.oid = n.oid
WHERE n.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_namespace'::regclass)
