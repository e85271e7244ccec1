--@if EXISTS (SELECT FROM pg_type WHERE typtype = 'd' AND oid >= 16384)
SELECT u.name AS schema, k.conname::text AS name, t.typname::text AS parent, k.oid,
       regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') AS definition,
       k.convalidated AS validated,
       pg_get_expr(k.conbin, 0) AS _expression
FROM pg_constraint k
JOIN pg_type t ON t.oid = k.contypid
JOIN user_schema u ON u.oid = t.typnamespace
WHERE k.contypid <> 0 AND k.contype = 'c'
  AND t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_type'::regclass)
