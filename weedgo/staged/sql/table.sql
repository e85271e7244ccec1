SELECT u.name AS schema, c.relname::text AS name, c.oid,
       pg_get_userbyid(c.relowner)::text AS owner, c.relacl::text[] AS acl,
       c.relpersistence::text AS persistence,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS partition_bound,
       ARRAY(SELECT format('%I.%I', pn.nspname, p.relname)
             FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
             WHERE i.inhrelid = c.oid ORDER BY i.inhseqno) AS parents,
       ARRAY(SELECT o FROM unnest(c.reloptions) o ORDER BY 1) AS options,
       ARRAY(SELECT 'toast.' || o FROM unnest(t.reloptions) o ORDER BY 1) AS toast_options,
       a.amname::text AS access_method,
       c.relrowsecurity AS _row_security, c.relforcerowsecurity AS _force_row_security,
       c.relreplident::text AS _replica_identity,
       (SELECT ic.relname::text FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid
        WHERE x.indrelid = c.oid AND x.indisreplident LIMIT 1) AS _replica_index,
       (SELECT ic.relname::text FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid
        WHERE x.indrelid = c.oid AND x.indisclustered LIMIT 1) AS _cluster_index,
       c.relpages AS _pages, c.reltuples::float8 AS _rows
FROM pg_class c
JOIN user_schema u ON u.oid = c.relnamespace
LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
LEFT JOIN pg_am a ON a.oid = c.relam
WHERE c.relkind IN ('r', 'p') AND c.reloftype = 0
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
