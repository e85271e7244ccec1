SELECT d.classoid::int8 AS classid, d.objoid::int8 AS oid, d.objsubid AS subid, d.description AS text,
       coalesce(a.attname, c.relname)::text AS name,
       CASE WHEN a.attname IS NOT NULL THEN 'column' WHEN c.relkind IN ('i', 'I') THEN 'index'
            WHEN c.relkind = 'S' THEN 'sequence' END AS kind
FROM pg_description d
LEFT JOIN pg_class c ON d.classoid = 'pg_class'::regclass AND c.oid = d.objoid
LEFT JOIN pg_attribute a ON d.classoid = 'pg_class'::regclass AND d.objsubid <> 0
                        AND a.attrelid = d.objoid AND a.attnum = d.objsubid
WHERE (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass AND d.objoid IN (SELECT oid FROM user_schema)
       OR d.classoid = 'pg_extension'::regclass)
  AND (a.attname IS NULL OR a.attname NOT LIKE 'weedgo\_retired\_%')
  AND (d.classoid, d.objoid) NOT IN (SELECT classid, objid FROM extension_member)
