-- Sequences: what they are for the table whose column they belong to, and those that are no identity column's for
-- themselves too. That a column owns one is an object, and so are the grants on an identity column's.
SELECT CASE x.own WHEN 1 THEN c.oid ELSE d.refobjid END AS relid,
       CASE x.own WHEN 1 THEN 3 + (d.objid IS NOT NULL)::int
                  ELSE (d.deptype = 'i' AND r.relnamespace = c.relnamespace)::int END AS objects,
       hash_record_extended(ROW(
           c.oid::regclass::text, c.relpersistence, pg_get_userbyid(c.relowner), c.relacl::text, format_type(s.seqtypid, NULL),
           s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
           d.refobjid::regclass::text, d.refobjsubid, d.deptype), 0) AS hash,
       CASE x.own WHEN 1 THEN u.name END AS schema, CASE x.own WHEN 1 THEN c.relname::text END AS name
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN user_schema u ON u.oid = c.relnamespace
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
                     AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
LEFT JOIN pg_class r ON r.oid = d.refobjid
CROSS JOIN (VALUES (0), (1)) x(own)
WHERE CASE x.own WHEN 1 THEN d.deptype IS DISTINCT FROM 'i' ELSE d.objid IS NOT NULL END
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
