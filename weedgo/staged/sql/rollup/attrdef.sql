-- Defaults and the expressions of generated columns: as text where they name what has another number elsewhere.
SELECT d.adrelid AS relid, 0 AS objects,
       hash_record_extended(ROW(d.adnum, CASE WHEN d.oid IN (
           SELECT x.objid FROM pg_depend x
           JOIN pg_attrdef y ON y.oid = x.objid
           WHERE x.classid = 'pg_attrdef'::regclass AND x.refobjid <> y.adrelid
       ) THEN pg_get_expr(d.adbin, d.adrelid) ELSE d.adbin::text END), 0) AS hash
FROM pg_attrdef d
