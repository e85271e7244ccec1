--@relations
SELECT u.name AS schema, c.relname::text AS name, c.oid,
       pg_get_userbyid(c.relowner)::text AS owner, c.relacl::text[] AS acl,
       c.relpersistence::text AS persistence,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
       CASE WHEN c.relispartition THEN '{}' ELSE coalesce(h.names, '{}') END AS parents,
       CASE WHEN c.relkind = 'p' THEN ARRAY(
           SELECT a.attname::text || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attcollation::regcollation FROM pg_depend d
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid
           WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
             AND d.objid = c.oid AND d.refobjid = c.oid AND d.refobjsubid = 0 AND d.objsubid > 0
             ORDER BY a.attname
       ) END AS key_types,
       CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
       coalesce(c.reloptions, '{}') AS options,
       ARRAY(SELECT 'toast.' || o FROM unnest(t.reloptions) WITH ORDINALITY x(o, n) ORDER BY n) AS toast_options,
       a.amname::text AS access_method,
       coalesce(h.pairs, '[]') AS _ancestors,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS _bound,
       CASE WHEN c.relispartition THEN pg_get_partition_constraintdef(c.oid) END AS _constraint,
       CASE WHEN c.relispartition THEN (
           SELECT pg_get_partition_constraintdef(i.inhparent) FROM pg_inherits i WHERE i.inhrelid = c.oid
       ) END AS _constraint_above,
       CASE WHEN h.inhrelid IS NOT NULL THEN (
           SELECT json_agg(json_build_array(k.conname, k.contype, pg_get_constraintdef(k.oid)) ORDER BY k.conname)
           FROM pg_constraint k WHERE k.conrelid = c.oid
            AND ((k.contype = 'f' AND k.conparentid <> 0) OR (k.contype = 'c' AND NOT k.conislocal))
       ) END AS _constraints,
       c.relrowsecurity AS _row_security, c.relforcerowsecurity AS _force_row_security,
       c.relreplident::text AS _replica_identity,
       x.replica AS _replica_index, x.cluster AS _cluster_index,
       c.relpages AS _pages, c.reltuples::float8 AS _rows
FROM pg_class c
JOIN user_schema u ON u.oid = c.relnamespace
LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
LEFT JOIN pg_am a ON a.oid = c.relam
LEFT JOIN (
    SELECT i.inhrelid, array_agg(format('%I.%I', pn.nspname, p.relname) ORDER BY i.inhseqno) AS names,
           json_agg(json_build_array(pn.nspname, p.relname) ORDER BY i.inhseqno) AS pairs
    FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
    WHERE p.relkind IN ('r', 'p', 'f')
    GROUP BY i.inhrelid
) h ON h.inhrelid = c.oid
LEFT JOIN (
    SELECT i.indrelid, max(ic.relname::text) FILTER (WHERE i.indisreplident) AS replica,
           max(ic.relname::text) FILTER (WHERE i.indisclustered) AS cluster
    FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
    WHERE i.indisreplident OR i.indisclustered
    GROUP BY i.indrelid
) x ON x.indrelid = c.oid
WHERE c.relkind IN ('r', 'p')
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
