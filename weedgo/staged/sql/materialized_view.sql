--@relations
--@if EXISTS (SELECT FROM pg_class WHERE relkind = 'm')
SELECT u.name AS schema, c.relname::text AS name, c.oid,
       pg_get_userbyid(c.relowner)::text AS owner, c.relacl::text[] AS acl,
       rtrim(pg_get_viewdef(c.oid), ';') AS definition,
       coalesce(c.reloptions, '{}') AS options,
       ARRAY(SELECT 'toast.' || o FROM unnest(t.reloptions) WITH ORDINALITY x(o, n) ORDER BY n) AS toast_options,
       nullif(m.amname::text, 'heap') AS access_method,
       (SELECT s.spcname::text FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,
       coalesce((SELECT json_agg(json_build_array(a.attname, nullif(a.attstattarget, -1)::text,
                                                  a.attstorage::text, nullif(a.attcompression::text, ''), y.typstorage::text)
                                 ORDER BY a.attnum)
                 FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                   AND (a.attstattarget >= 0 OR a.attstorage <> y.typstorage OR a.attcompression <> '')), '[]') AS columns,
       (SELECT ic.relname::text FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
        WHERE i.indrelid = c.oid AND i.indisclustered) AS _cluster_index,
       c.relispopulated AS _populated, c.relkind::text AS _relkind
FROM pg_class c
JOIN user_schema u ON u.oid = c.relnamespace
LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
LEFT JOIN pg_am m ON m.oid = c.relam
WHERE c.relkind = 'm'
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
