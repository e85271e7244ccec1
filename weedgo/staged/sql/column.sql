SELECT u.name AS schema, a.attname::text AS name, c.relname::text AS parent, c.oid, a.attnum::int AS subid,
       format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS not_null,
       CASE WHEN nn.conname <> left(c.relname || '_' || a.attname || '_not_null', 63) THEN nn.conname::text END --@18
           AS not_null_name, --@18
       coalesce(nn.convalidated, true) AS not_null_valid, --@18
       coalesce(nn.connoinherit, false) AS not_null_no_inherit, --@18
       nn.conname::text AS _not_null_constraint, --@18
       a.attgenerated::text AS generated,
       CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS expression,
       a.attidentity::text AS identity,
       CASE WHEN a.attidentity <> '' THEN (
           SELECT ARRAY[sn.nspname::text, sc.relname::text, s.seqstart::text, s.seqincrement::text,
                        s.seqmin::text, s.seqmax::text, s.seqcache::text, s.seqcycle::text, sc.relpersistence::text]
           FROM pg_depend sd JOIN pg_class sc ON sc.oid = sd.objid JOIN pg_namespace sn ON sn.oid = sc.relnamespace
           JOIN pg_sequence s ON s.seqrelid = sc.oid
           WHERE sd.classid = 'pg_class'::regclass AND sd.refclassid = 'pg_class'::regclass
             AND sd.refobjid = c.oid AND sd.refobjsubid = a.attnum AND sd.deptype = 'i' LIMIT 1
       ) END AS identity_sequence,
       CASE WHEN a.attcollation NOT IN (0, t.typcollation)
            THEN (SELECT format('%I.%I', cn.nspname, co.collname) FROM pg_collation co
                  JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation)
       END AS collation,
       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END AS storage,
       nullif(a.attcompression::text, '') AS compression,
       nullif(a.attstattarget, -1) AS statistics,
       ARRAY(SELECT o FROM unnest(a.attoptions) o WHERE o !~ '^pg_attver=' ORDER BY 1) AS options,
       ARRAY(SELECT o FROM unnest(a.attfdwoptions) o) AS foreign_options,
       (a.attinhcount > 0 AND NOT a.attislocal) AS _inherited,
       a.attnum::int AS _position, t.typtype::text AS _typtype, t.oid::int8 AS _type_oid
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN user_schema u ON u.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated <> ''
LEFT JOIN pg_constraint nn ON nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey = ARRAY[a.attnum] --@18
WHERE c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND c.reloftype = 0
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
