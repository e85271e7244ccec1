--@relations
SELECT u.name AS schema, p.polname::text AS name, c.relname::text AS parent, p.oid,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                     WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
       p.polpermissive AS permissive,
       p.polroles = '{0}' AS everybody,
       ARRAY(SELECT r.rolname::text FROM pg_roles r WHERE r.oid = ANY (p.polroles) ORDER BY 1) AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS using,
       pg_get_expr(p.polwithcheck, p.polrelid) AS check
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN user_schema u ON u.oid = c.relnamespace
WHERE c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
