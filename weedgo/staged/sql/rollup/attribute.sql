-- Columns with their places, by which the other catalogs know them. Defaults and grants are objects of their own.
SELECT a.attrelid AS relid,
       (c.relkind IN ('r', 'p', 'f'))::int + (a.atthasdef AND a.attgenerated = '')::int + (a.attacl <> '{}' IS TRUE)::int AS objects,
       hash_record_extended(ROW(
           a.attname, a.attnum, CASE WHEN a.atttypid < 12000 THEN a.atttypid END, a.atttypmod,
           CASE WHEN a.atttypid >= 12000 THEN format_type(a.atttypid, NULL) END, a.attnotnull, a.attgenerated, a.attidentity,
           CASE WHEN a.attcollation >= 12000 THEN a.attcollation::regcollation::text ELSE a.attcollation::text END,
           a.attstorage, a.attcompression, a.attstattarget, a.attfdwoptions, a.attinhcount, a.attislocal, a.attacl::text,
           CASE WHEN a.attoptions IS NOT NULL THEN
               ARRAY(SELECT o FROM unnest(a.attoptions) WITH ORDINALITY x(o, n) WHERE o !~ '^pg_attver=' ORDER BY n) END
           ), 0) AS hash
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.oid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
