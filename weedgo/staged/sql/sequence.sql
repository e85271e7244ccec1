--@relations
SELECT u.name AS schema, c.relname::text AS name, c.oid,
       pg_get_userbyid(c.relowner)::text AS owner, c.relacl::text[] AS acl,
       format_type(s.seqtypid, NULL) AS type, s.seqstart AS start, s.seqincrement AS increment,
       s.seqmin AS minimum, s.seqmax AS maximum, s.seqcache AS cache, s.seqcycle AS cycle,
       c.relpersistence::text AS persistence,
       n.nspname::text AS _owner_schema, r.relname::text AS _owner_table, a.attname::text AS _owner_column
FROM pg_class c
JOIN user_schema u ON u.oid = c.relnamespace
JOIN pg_sequence s ON s.seqrelid = c.oid
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
                     AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
LEFT JOIN pg_class r ON r.oid = d.refobjid
LEFT JOIN pg_namespace n ON n.oid = r.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE c.relkind = 'S' AND d.deptype IS DISTINCT FROM 'i'
  AND (a.attname IS NULL OR a.attname NOT LIKE 'weedgo\_retired\_%')
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
