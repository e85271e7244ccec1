-- For each schema a digest of its own catalog row and of those of what in it is no relation.
WITH home AS MATERIALIZED (
    SELECT n.oid, n.nspname::text AS name, hash_record_extended(row(n.oid, n.xmin), 1) AS hash
      FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY(%s)
), part(home, hash) AS (
    SELECT h.oid, h.hash FROM home h
    UNION ALL
    SELECT k.connamespace, hash_record_extended(row(k.oid, k.xmin), 6) FROM pg_constraint k WHERE k.conrelid = 0
    UNION ALL
    SELECT p.pronamespace, hash_record_extended(row(p.oid, p.xmin), 12) FROM pg_proc p
    UNION ALL
    SELECT e.stxnamespace, hash_record_extended(row(e.oid, e.xmin), 13) FROM pg_statistic_ext e
    UNION ALL
    SELECT t.typnamespace, hash_record_extended(row(t.oid, t.xmin), 14) FROM pg_type t
     WHERE t.typrelid = 0 AND t.typelem = 0
    UNION ALL
    SELECT t.typnamespace, hash_record_extended(row(e.oid, e.xmin), 15)
      FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
    UNION ALL
    SELECT p.pronamespace, hash_record_extended(row(d.objoid, d.objsubid, d.xmin), 16)
      FROM pg_description d JOIN pg_proc p ON p.oid = d.objoid
     WHERE d.classoid = 'pg_proc'::regclass AND d.objoid >= 16384
)
SELECT h.name, bit_xor(p.hash) FROM home h JOIN part p ON p.home = h.oid GROUP BY h.name
