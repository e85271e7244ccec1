--@relations
SELECT u.name AS schema, k.conname::text AS name, c.relname::text AS parent, k.oid,
       k.contype::text AS type,
       regexp_replace(pg_get_constraintdef(k.oid), '( NOT VALID| NOT ENFORCED)+$', '') AS definition,
       k.convalidated AS validated,
       k.conenforced AS enforced, --@18
       CASE WHEN k2.oid IS NOT NULL THEN format('%I.%I', pn.nspname, k2.conname)
            WHEN h.inhrelid IS NOT NULL THEN format('index %I.%I', hn.nspname, hi.relname) END AS parent_constraint,
       CASE WHEN k2.oid IS NOT NULL THEN json_build_array('constraint', pn.nspname, k2.conname, p.relname)
            WHEN h.inhrelid IS NOT NULL THEN json_build_array('index', hn.nspname, hi.relname) END AS _above,
       CASE WHEN h.inhrelid IS NOT NULL THEN (
           SELECT json_agg(json_build_array(CASE WHEN lk.oid IS NULL THEN 'index' ELSE 'constraint' END, ln.nspname,
                                            li.relname, coalesce(lr.relname, '')) ORDER BY l.place)
           FROM pg_partition_ancestors(k.conindid::regclass) WITH ORDINALITY l(relid, place)
           JOIN pg_class li ON li.oid = l.relid
           JOIN pg_namespace ln ON ln.oid = li.relnamespace
           LEFT JOIN pg_constraint lk ON lk.conindid = li.oid AND lk.contype IN ('p', 'u', 'x')
           LEFT JOIN pg_class lr ON lr.oid = lk.conrelid
           WHERE l.place > 1
       ) END AS _line,
       coalesce(ic.reloptions, '{}') AS index_options,
       CASE WHEN k.contype = 'f' THEN format('%I.%I', fn.nspname, f.relname) END AS _references,
       CASE WHEN k.contype = 'f' THEN fn.nspname::text END AS _references_schema,
       CASE WHEN k.contype = 'f' THEN f.relname::text END AS _references_table,
       CASE WHEN k.contype IN ('p', 'u', 'x') THEN
           substr(pg_get_indexdef(k.conindid), length('CREATE ' || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END
                     || 'INDEX ' || quote_ident(ic.relname) || ' ON ') + 1) END AS _index_definition,
       CASE WHEN k.conexclop IS NOT NULL THEN
           ARRAY(SELECT pg_get_indexdef(k.conindid, n, false) FROM generate_series(1, cardinality(k.conexclop)) n) END AS _keys,
       CASE WHEN k.conexclop IS NOT NULL THEN
           ARRAY(SELECT format('OPERATOR(%I.%s)', xn.nspname, o.oprname) FROM unnest(k.conexclop) WITH ORDINALITY x(id, n)
                 JOIN pg_operator o ON o.oid = x.id JOIN pg_namespace xn ON xn.oid = o.oprnamespace ORDER BY x.n) END AS _operators,
       CASE WHEN k.conexclop IS NOT NULL THEN pg_get_expr(i.indpred, i.indrelid) END AS _predicate,
       i.indisunique AS _unique, i.indnullsnotdistinct AS _nulls_equal, c.relkind::text AS _relkind,
       k.condeferrable AS _deferrable, k.condeferred AS _deferred, k.confmatchtype::text AS _match,
       CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) END AS _expression,
       CASE WHEN cardinality(k.conkey) = 1 THEN
           ARRAY[(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1])]
       ELSE
           ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY x(n, o)
                 JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.n ORDER BY x.o) END AS _columns,
       CASE WHEN k.contype = 'f' AND cardinality(k.confkey) = 1 THEN
           ARRAY[(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[1])]
       WHEN k.contype = 'f' THEN
           ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY x(n, o)
                 JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.n ORDER BY x.o) END AS _referenced_columns
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN user_schema u ON u.oid = c.relnamespace
LEFT JOIN pg_class ic ON ic.oid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_index i ON i.indexrelid = ic.oid
LEFT JOIN pg_class f ON f.oid = k.confrelid
LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
LEFT JOIN pg_constraint k2 ON k2.oid = k.conparentid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class p ON p.oid = k2.conrelid
LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
-- A partition's key may be a part of a mere index of the whole.
LEFT JOIN pg_inherits h ON h.inhrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class hi ON hi.oid = h.inhparent
LEFT JOIN pg_namespace hn ON hn.oid = hi.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')
  AND (k.conislocal OR k.contype IN ('p', 'u', 'x'))
  AND NOT (k.contype = 'f' AND k.conparentid <> 0)
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
