-- Access lists of what extensions and the system bring, where they are not those that it came with.
WITH member AS MATERIALIZED (
    SELECT d.classid, d.objid, e.extname::text AS extension
    FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
), listed(class, oid, name, target, place, acl, owner, home) AS (
    SELECT 'pg_proc'::regclass, p.oid, format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)),
           'function', 'ROUTINE ' || p.oid::regprocedure, p.proacl, p.proowner, p.pronamespace
    FROM pg_proc p
    WHERE p.proacl IS NOT NULL
      AND (p.oid < 16384 OR p.oid IN (SELECT objid FROM member WHERE classid = 'pg_proc'::regclass))
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, c.relname::text, CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END,
           CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || c.oid::regclass, c.relacl, c.relowner,
           c.relnamespace
    FROM pg_class c
    WHERE c.relacl IS NOT NULL AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
      AND (c.oid < 16384 OR c.oid IN (SELECT objid FROM member WHERE classid = 'pg_class'::regclass))
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid, t.typname::text, 'type', 'TYPE ' || t.oid::regtype, t.typacl, t.typowner,
           t.typnamespace
    FROM pg_type t
    WHERE t.typacl IS NOT NULL
      AND (t.oid < 16384 OR t.oid IN (SELECT objid FROM member WHERE classid = 'pg_type'::regclass))
)
SELECT '' AS schema, l.name, coalesce(m.extension, '') AS parent, l.target, l.acl::text[] AS acl,
       pg_get_userbyid(l.owner)::text AS owner, i.initprivs::text[] AS _initial, l.place AS _place,
       n.nspname::text AS _home
FROM listed l
JOIN pg_namespace n ON n.oid = l.home
LEFT JOIN member m ON m.classid = l.class AND m.objid = l.oid
LEFT JOIN pg_init_privs i ON i.classoid = l.class AND i.objoid = l.oid AND i.objsubid = 0
WHERE (m.objid IS NOT NULL OR n.nspname = 'pg_catalog')
  AND l.acl IS DISTINCT FROM i.initprivs
