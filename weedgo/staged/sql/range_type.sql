--@if EXISTS (SELECT FROM pg_type WHERE typtype = 'r' AND oid >= 16384)
SELECT u.name AS schema, t.typname::text AS name, t.oid,
       pg_get_userbyid(t.typowner)::text AS owner, t.typacl::text[] AS acl,
       format_type(r.rngsubtype, NULL) AS subtype,
       CASE WHEN NOT oc.opcdefault THEN format('%I.%I', on_.nspname, oc.opcname) END AS operator_class,
       CASE WHEN r.rngcollation <> s.typcollation THEN format('%I.%I', cn.nspname, co.collname) END AS collation,
       CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical::regproc::text END AS canonical,
       CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::regproc::text END AS difference,
       mn.nspname::text AS multirange_schema, m.typname::text AS multirange
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN user_schema u ON u.oid = t.typnamespace
JOIN pg_type s ON s.oid = r.rngsubtype
JOIN pg_type m ON m.oid = r.rngmultitypid
JOIN pg_namespace mn ON mn.oid = m.typnamespace
JOIN pg_opclass oc ON oc.oid = r.rngsubopc
JOIN pg_namespace on_ ON on_.oid = oc.opcnamespace
LEFT JOIN pg_collation co ON co.oid = r.rngcollation
LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
WHERE t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_type'::regclass)
