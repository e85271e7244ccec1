-- For each schema a sum over its catalog rows: DDL changes it, ANALYZE and VACUUM do not.
SELECT n.nspname::text, sum(x.hash)::text
  FROM pg_catalog.pg_namespace n JOIN (
    SELECT n.oid AS home, hash_record_extended(row(n.oid, n.xmin), 0)::numeric AS hash FROM pg_namespace n
    UNION ALL
    SELECT c.relnamespace, hash_record_extended(row(c.oid, c.xmin), 0) FROM pg_class c
    UNION ALL
    SELECT c.relnamespace, hash_record_extended(row(a.attrelid, a.attnum, a.xmin), 0)
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE a.attnum > 0 AND c.relkind NOT IN ('i', 'I', 'S', 't')
    UNION ALL
    SELECT c.relnamespace, hash_record_extended(row(d.oid, d.xmin), 0)
      FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
    UNION ALL
    SELECT c.relnamespace, hash_record_extended(row(i.indexrelid, i.xmin), 0)
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    UNION ALL
    SELECT k.connamespace, hash_record_extended(row(k.oid, k.xmin), 0) FROM pg_constraint k
    UNION ALL
    SELECT c.relnamespace, hash_record_extended(row(t.oid, t.xmin), 0)
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    UNION ALL
    SELECT c.relnamespace, hash_record_extended(row(r.oid, r.xmin), 0)
      FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    UNION ALL
    SELECT c.relnamespace, hash_record_extended(row(p.oid, p.xmin), 0)
      FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    UNION ALL
    SELECT c.relnamespace, hash_record_extended(row(h.inhrelid, h.inhseqno, h.xmin), 0)
      FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
    UNION ALL
    SELECT c.relnamespace, hash_record_extended(row(s.seqrelid, s.xmin), 0)
      FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
    UNION ALL
    SELECT e.stxnamespace, hash_record_extended(row(e.oid, e.xmin), 0) FROM pg_statistic_ext e
    UNION ALL
    SELECT p.pronamespace, hash_record_extended(row(p.oid, p.xmin), 0) FROM pg_proc p
    UNION ALL
    SELECT t.typnamespace, hash_record_extended(row(t.oid, t.xmin), 0) FROM pg_type t
     WHERE t.typrelid = 0 AND t.typelem = 0
    UNION ALL
    SELECT t.typnamespace, hash_record_extended(row(e.oid, e.xmin), 0)
      FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
    UNION ALL
    SELECT coalesce(c.relnamespace, t.relnamespace, p.pronamespace, k.connamespace),
           hash_record_extended(row(d.objoid, d.classoid, d.objsubid, d.xmin), 0)
      FROM pg_description d
      LEFT JOIN pg_class c ON d.classoid = 'pg_class'::regclass AND c.oid = d.objoid
      LEFT JOIN pg_trigger g ON d.classoid = 'pg_trigger'::regclass AND g.oid = d.objoid
      LEFT JOIN pg_class t ON t.oid = g.tgrelid
      LEFT JOIN pg_proc p ON d.classoid = 'pg_proc'::regclass AND p.oid = d.objoid
      LEFT JOIN pg_constraint k ON d.classoid = 'pg_constraint'::regclass AND k.oid = d.objoid
     WHERE d.objoid >= 16384
  ) x ON x.home = n.oid
 WHERE n.nspname = ANY(%s)
 GROUP BY n.nspname
