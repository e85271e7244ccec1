--@if EXISTS (SELECT FROM pg_class WHERE relkind = 'c' AND oid >= 16384)
SELECT u.name AS schema, c.relname::text AS name, c.oid,
       pg_get_userbyid(t.typowner)::text AS owner, t.typacl::text[] AS acl,
       (SELECT coalesce(json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod),
                                 CASE WHEN a.attcollation <> x.typcollation
                                      THEN format('%I.%I', cn.nspname, co.collname) END) ORDER BY a.attnum), '[]')
        FROM pg_attribute a
        JOIN pg_type x ON x.oid = a.atttypid
        LEFT JOIN pg_collation co ON co.oid = a.attcollation
        LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS attributes
FROM pg_class c
JOIN user_schema u ON u.oid = c.relnamespace
JOIN pg_type t ON t.oid = c.reltype
WHERE c.relkind = 'c'
  AND t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_type'::regclass)
