--@if EXISTS (SELECT FROM pg_type WHERE typtype = 'd' AND oid >= 16384)
SELECT u.name AS schema, t.typname::text AS name, t.oid,
       pg_get_userbyid(t.typowner)::text AS owner, t.typacl::text[] AS acl,
       format_type(t.typbasetype, t.typtypmod) AS type,
       CASE WHEN t.typcollation <> b.typcollation THEN format('%I.%I', cn.nspname, co.collname) END AS collation,
       t.typdefault AS default,
       t.typnotnull AS not_null,
       CASE WHEN nn.conname <> left(t.typname, 54) || '_not_null' THEN nn.conname::text END --@17
           AS not_null_name, --@17
       b.typname::text AS _base
FROM pg_type t
JOIN user_schema u ON u.oid = t.typnamespace
JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_collation co ON co.oid = t.typcollation
LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
LEFT JOIN pg_constraint nn ON nn.contypid = t.oid AND nn.contype = 'n' --@17
WHERE t.typtype = 'd'
  AND t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_type'::regclass)
