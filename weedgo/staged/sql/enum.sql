--@if EXISTS (SELECT FROM pg_type WHERE typtype = 'e' AND oid >= 16384)
SELECT u.name AS schema, t.typname::text AS name, t.oid,
       pg_get_userbyid(t.typowner)::text AS owner, t.typacl::text[] AS acl,
       ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
           AS values
FROM pg_type t
JOIN user_schema u ON u.oid = t.typnamespace
WHERE t.typtype = 'e'
  AND t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_type'::regclass)
