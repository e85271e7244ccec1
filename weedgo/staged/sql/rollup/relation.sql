-- The relations themselves. A partition's place, row security and replica identity are objects beside the table.
SELECT c.oid AS relid,
       3 + (c.relispartition AND c.relkind <> 'f')::int + (c.relrowsecurity OR c.relforcerowsecurity)::int
         + (c.relkind IN ('r', 'p') AND c.relreplident <> 'd')::int AS objects,
       hash_record_extended(ROW(
           c.relkind, c.relpersistence, pg_get_userbyid(c.relowner), c.relacl::text, c.reloptions, t.reloptions,
           CASE WHEN c.relam >= 12000 THEN (SELECT amname FROM pg_am WHERE oid = c.relam) END,
           CASE WHEN c.reltablespace <> 0 THEN (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace) END,
           CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END,
           c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relispartition, h.parents,
           CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END,
           CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
           s.srvname, f.ftoptions), 0) AS hash,
       u.name AS schema, c.relname::text AS name
FROM pg_class c
JOIN user_schema u ON u.oid = c.relnamespace
LEFT JOIN pg_class t ON t.oid = c.reltoastrelid AND t.reloptions IS NOT NULL
LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid
LEFT JOIN pg_foreign_server s ON s.oid = f.ftserver
LEFT JOIN (
    SELECT i.inhrelid, array_agg(i.inhparent::regclass::text || ' ' || i.inhdetachpending ORDER BY i.inhseqno) AS parents
    FROM pg_inherits i
    JOIN pg_class r ON r.oid = i.inhrelid AND r.relkind IN ('r', 'p', 'f')
    GROUP BY i.inhrelid
) h ON h.inhrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
