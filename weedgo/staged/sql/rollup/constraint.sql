-- Constraints. Those that own an index stand in its place; what is inherited or only marks a column is no object.
SELECT k.conrelid AS relid,
       (k.contype IN ('c', 'f') AND k.conislocal AND (k.contype = 'c' OR k.conparentid = 0))::int AS objects,
       hash_record_extended(ROW(
           k.conname, k.contype, k.condeferrable, k.condeferred, k.convalidated, k.conislocal, k.coninhcount, k.connoinherit,
           k.conenforced, k.conperiod, --@18
           k.conkey, k.confupdtype, k.confdeltype, k.confmatchtype, k.confdelsetcols,
           CASE WHEN k.contype = 'f' THEN k.confrelid::regclass::text END,
           CASE WHEN k.contype <> 'f' THEN NULL
                WHEN cardinality(k.confkey) = 1 THEN
               ARRAY[(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[1])]
           ELSE
               ARRAY(SELECT a.attname FROM unnest(k.confkey) WITH ORDINALITY x(n, o)
                     JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.n ORDER BY x.o) END,
           CASE WHEN k.conbin IS NULL THEN NULL
                WHEN EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_constraint'::regclass AND x.objid = k.oid
                             AND x.refobjid <> k.conrelid)
                THEN pg_get_expr(k.conbin, k.conrelid) ELSE k.conbin::text END,
           CASE WHEN k.contype = 'x' THEN pg_get_constraintdef(k.oid) END,
           CASE WHEN k.conparentid <> 0 THEN
               (SELECT p.conrelid::regclass || ' ' || p.conname FROM pg_constraint p WHERE p.oid = k.conparentid) END
           ), 0) AS hash
FROM pg_constraint k
WHERE k.conrelid >= 16384
