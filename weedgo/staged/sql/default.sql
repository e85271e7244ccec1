--@relations
SELECT u.name AS schema, a.attname::text AS name, c.relname::text AS parent, d.oid,
       CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'column' END AS target,
       pg_get_expr(d.adbin, d.adrelid) AS expression
FROM pg_attrdef d
JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated = ''
JOIN pg_class c ON c.oid = d.adrelid
JOIN user_schema u ON u.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v')
  AND a.attname NOT LIKE 'weedgo\_retired\_%'
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
