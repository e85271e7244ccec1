--@relations
SELECT u.name AS schema, c.relname::text AS name, c.oid,
       pg_get_userbyid(c.relowner)::text AS owner, c.relacl::text[] AS acl,
       rtrim(pg_get_viewdef(c.oid), ';') AS definition,
       ARRAY(SELECT o FROM unnest(c.reloptions) WITH ORDINALITY x(o, n) ORDER BY o LIKE 'check\_option=%', n) AS options,
       ARRAY(SELECT a.attname::text || ' ' || format_type(a.atttypid, a.atttypmod)
             FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             ORDER BY a.attnum) AS _columns
FROM pg_class c
JOIN user_schema u ON u.oid = c.relnamespace
WHERE c.relkind = 'v'
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
