--@relations
SELECT u.name AS schema, a.attname::text AS name, c.relname::text AS parent, c.oid, a.attnum::int AS subid,
       format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS not_null,
       CASE WHEN nn.conname <> c.relname || '_' || a.attname || '_not_null' THEN nn.conname::text END --@18
           AS not_null_name, --@18
       coalesce(nn.convalidated, true) AS not_null_valid, --@18
       coalesce(nn.connoinherit, false) AS not_null_no_inherit, --@18
       coalesce(nn.conislocal OR c.relispartition, true) AS not_null_local, --@18
       nn.conname::text AS _not_null_constraint, nn.conislocal AS _not_null_own, --@18
       a.attgenerated::text AS generated,
       CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS expression,
       CASE WHEN s.options IS NULL THEN '' ELSE a.attidentity::text END AS identity,
       s.options AS identity_sequence, s.type AS identity_type,
       CASE WHEN a.attcollation NOT IN (0, t.typcollation)
            THEN (SELECT format('%I.%I', cn.nspname, co.collname) FROM pg_collation co
                  JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation)
       END AS collation,
       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END AS storage,
       nullif(a.attcompression::text, '') AS compression,
       nullif(a.attstattarget, -1) AS statistics,
       CASE WHEN a.attoptions IS NULL THEN '{}'
            ELSE ARRAY(SELECT o FROM unnest(a.attoptions) WITH ORDINALITY x(o, n) WHERE o !~ '^pg_attver=' ORDER BY n)
       END AS options,
       ARRAY(SELECT o FROM unnest(a.attfdwoptions) o ORDER BY o COLLATE "C") AS foreign_options,
       c.relispartition OR a.attinhcount = 0 OR a.attislocal AS local,
       a.attinhcount > 0 AS _inherited, c.relispartition AS _partition,
       a.attnum::int AS _position, t.typtype::text AS _typtype, t.oid::int8 AS _type_oid,
       t.typstorage::text AS _type_storage, c.relkind::text AS _relkind
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN user_schema u ON u.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated <> ''
LEFT JOIN pg_constraint nn ON nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey[1] = a.attnum --@18
-- OFFSET keeps it a lookup by index for each identity column: where statistics lack, a join would be planned that
-- compares every column with every sequence.
LEFT JOIN LATERAL (
    SELECT ARRAY[sn.nspname::text, sc.relname::text, q.seqstart::text, q.seqincrement::text,
                 q.seqmin::text, q.seqmax::text, q.seqcache::text, q.seqcycle::text,
                 sc.relpersistence::text] AS options,
           CASE WHEN q.seqtypid <> a.atttypid THEN format_type(q.seqtypid, NULL) END AS type
    FROM pg_depend sd
    JOIN pg_class sc ON sc.oid = sd.objid AND sc.relkind = 'S'
    JOIN pg_namespace sn ON sn.oid = sc.relnamespace
    JOIN pg_sequence q ON q.seqrelid = sc.oid
    WHERE a.attidentity <> '' AND sd.refobjid = a.attrelid AND sd.refobjsubid = a.attnum
      AND sd.classid = 'pg_class'::regclass AND sd.refclassid = 'pg_class'::regclass AND sd.deptype = 'i'
    OFFSET 0
) s ON true
WHERE c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attname NOT LIKE 'weedgo\_retired\_%'
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
