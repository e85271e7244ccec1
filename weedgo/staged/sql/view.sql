--@relations
SELECT u.name AS schema, c.relname::text AS name, c.oid,
       pg_get_userbyid(c.relowner)::text AS owner, c.relacl::text[] AS acl,
       rtrim(pg_get_viewdef(c.oid), ';') AS definition,
       ARRAY(SELECT o FROM unnest(c.reloptions) WITH ORDINALITY x(o, n) ORDER BY o LIKE 'check\_option=%', n) AS options,
       ARRAY(SELECT format('NULL::%s%s AS %I', format_type(a.atttypid, a.atttypmod),
                           CASE WHEN a.attcollation NOT IN (0, t.typcollation)
                                THEN ' COLLATE ' || a.attcollation::regcollation END, a.attname)
             FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
             WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum) AS _columns,
       EXISTS (SELECT FROM pg_rewrite r
               JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid > 0
               WHERE r.ev_class = c.oid AND r.rulename = '_RETURN') AS _of_itself
FROM pg_class c
JOIN user_schema u ON u.oid = c.relnamespace
WHERE c.relkind = 'v'
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
