-- Indexes; that a table is clustered by one is an object. Where classes and collations are not all built in, their
-- names count and not their numbers.
SELECT i.indrelid AS relid, 1 + i.indisclustered::int AS objects,
       hash_record_extended(ROW(
           c.relname, c.relam < 12000, c.reloptions, i.indnkeyatts, i.indisunique, i.indnullsnotdistinct, i.indisprimary,
           i.indisexclusion, i.indimmediate, i.indisclustered, i.indisvalid, i.indisready, i.indislive, i.indisreplident,
           i.indkey::text, i.indoption::text,
           CASE WHEN i.indpred IS NULL AND i.indexprs IS NULL THEN NULL
                WHEN EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid
                             AND x.refobjid <> i.indrelid)
                THEN concat_ws(' / ', pg_get_expr(i.indpred, i.indrelid), pg_get_expr(i.indexprs, i.indrelid))
                ELSE concat_ws(' / ', i.indpred, i.indexprs) END,
           CASE WHEN 12000 > ALL (i.indclass) AND 12000 > ALL (i.indcollation) AND c.relam < 12000
                THEN concat_ws(' ', c.relam, i.indclass, i.indcollation) ELSE pg_get_indexdef(c.oid) END,
           CASE WHEN c.relispartition THEN
               (SELECT h.inhparent::regclass::text FROM pg_inherits h WHERE h.inhrelid = c.oid) END,
           CASE WHEN c.reltablespace <> 0 THEN (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace) END
           ), 0) AS hash
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid >= 16384 AND c.relnamespace <> 'pg_toast'::regnamespace
