-- For each schema a digest of the catalog rows of its relations, columns and indexes: DDL changes
-- it, ANALYZE and VACUUM do not. What is bound to them is in state_bound.sql.
WITH home AS MATERIALIZED (
    SELECT n.oid, n.nspname::text AS name FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY(%s)
), relation AS MATERIALIZED (
    SELECT c.oid, h.oid AS home, c.relkind, hash_record_extended(row(c.oid, c.xmin), 2) AS hash
      FROM pg_class c JOIN home h ON h.oid = c.relnamespace
    --@named
), remark AS (
    SELECT d.objoid, d.classoid, hash_record_extended(row(d.objoid, d.objsubid, d.xmin), 16) AS hash
      FROM pg_description d WHERE d.objoid >= 16384
), part(home, hash) AS (
    SELECT home, hash FROM relation
    UNION ALL
    SELECT r.home, hash_record_extended(row(a.attrelid, a.attnum, a.xmin), 3)
      FROM pg_attribute a JOIN relation r ON r.oid = a.attrelid
     WHERE a.attnum > 0 AND r.relkind NOT IN ('i', 'I', 'S', 't')
    UNION ALL
    SELECT r.home, hash_record_extended(row(d.oid, d.xmin), 4)
      FROM pg_attrdef d JOIN relation r ON r.oid = d.adrelid
    UNION ALL
    SELECT r.home, hash_record_extended(row(i.indexrelid, i.xmin), 5)
      FROM pg_index i JOIN relation r ON r.oid = i.indexrelid
    UNION ALL
    SELECT r.home, hash_record_extended(row(w.oid, w.xmin), 8)
      FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class
    UNION ALL
    SELECT r.home, hash_record_extended(row(p.oid, p.xmin), 9)
      FROM pg_policy p JOIN relation r ON r.oid = p.polrelid
    UNION ALL
    SELECT r.home, hash_record_extended(row(i.inhrelid, i.inhseqno, i.xmin), 10)
      FROM pg_inherits i JOIN relation r ON r.oid = i.inhrelid
    UNION ALL
    SELECT r.home, hash_record_extended(row(s.seqrelid, s.xmin), 11)
      FROM pg_sequence s JOIN relation r ON r.oid = s.seqrelid
    UNION ALL
    SELECT r.home, d.hash FROM remark d JOIN relation r ON r.oid = d.objoid WHERE d.classoid = 'pg_class'::regclass
)
SELECT h.name, bit_xor(p.hash) FROM home h JOIN part p ON p.home = h.oid GROUP BY h.name
