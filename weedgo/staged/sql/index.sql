--@relations
SELECT u.name AS schema, c.relname::text AS name, c.oid,
       r.relname::text AS table, i.indisunique AS unique,
       substr(pg_get_indexdef(c.oid),
              length('CREATE ' || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END
                     || 'INDEX ' || quote_ident(c.relname) || ' ON ') + 1) AS definition,
       r.relkind = 'p' OR (i.indisvalid AND i.indisready AND i.indislive) AS valid,
       h.name AS parent_index, h.above AS _above,
       CASE WHEN h.inhrelid IS NOT NULL THEN (
           SELECT json_agg(json_build_array(CASE WHEN lk.oid IS NULL THEN 'index' ELSE 'constraint' END, ln.nspname,
                                            li.relname, coalesce(lr.relname, '')) ORDER BY l.place)
           FROM pg_partition_ancestors(c.oid) WITH ORDINALITY l(relid, place)
           JOIN pg_class li ON li.oid = l.relid
           JOIN pg_namespace ln ON ln.oid = li.relnamespace
           LEFT JOIN pg_constraint lk ON lk.conindid = li.oid AND lk.contype IN ('p', 'u', 'x')
           LEFT JOIN pg_class lr ON lr.oid = lk.conrelid
           WHERE l.place > 1
       ) END AS _line,
       coalesce(s.targets, '{}') AS statistics,
       CASE WHEN i.indisunique THEN ARRAY(SELECT pg_get_indexdef(c.oid, n, false)
            FROM generate_series(1, i.indnkeyatts) n) END AS _keys,
       CASE WHEN i.indisunique THEN pg_get_expr(i.indpred, i.indrelid) END AS _predicate,
       i.indnullsnotdistinct AS _nulls_equal,
       r.relkind::text AS _relkind, c.relpages AS _pages
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class r ON r.oid = i.indrelid
JOIN user_schema u ON u.oid = c.relnamespace
LEFT JOIN (
    SELECT x.inhrelid, format('%I.%I', pn.nspname, p.relname) AS name,
           json_build_array('index', pn.nspname, p.relname) AS above
    FROM pg_inherits x JOIN pg_class p ON p.oid = x.inhparent AND p.relkind = 'I'
    JOIN pg_namespace pn ON pn.oid = p.relnamespace
) h ON h.inhrelid = c.oid
LEFT JOIN (
    SELECT attrelid, array_agg(attnum || '=' || attstattarget ORDER BY attnum) AS targets
    FROM pg_attribute WHERE attstattarget >= 0 GROUP BY attrelid
) s ON s.attrelid = c.oid
WHERE r.relkind IN ('r', 'p', 'm')
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x') AND k.conrelid = r.oid)
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
  AND r.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
