-- For each schema a digest of the catalog rows of its relations' constraints and triggers: DDL changes
-- it. Internal triggers stand and fall with their constraints.
WITH home AS MATERIALIZED (
    SELECT n.oid, n.nspname::text AS name FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY(%s)
), relation AS MATERIALIZED (
    SELECT c.oid, h.oid AS home FROM pg_class c JOIN home h ON h.oid = c.relnamespace
    --@named
), bound AS MATERIALIZED (
    SELECT t.oid, r.home, 'pg_trigger'::regclass AS class, hash_record_extended(row(t.oid, t.xmin), 7) AS hash
      FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT k.oid, r.home, 'pg_constraint'::regclass, hash_record_extended(row(k.oid, k.xmin), 6)
      FROM pg_constraint k JOIN relation r ON r.oid = k.conrelid
), part(home, hash) AS (
    SELECT home, hash FROM bound
    UNION ALL
    SELECT b.home, hash_record_extended(row(d.objoid, d.objsubid, d.xmin), 16)
      FROM pg_description d JOIN bound b ON b.oid = d.objoid AND b.class = d.classoid
     WHERE d.classoid IN ('pg_trigger'::regclass, 'pg_constraint'::regclass)
)
SELECT h.name, bit_xor(p.hash) FROM home h JOIN part p ON p.home = h.oid GROUP BY h.name
