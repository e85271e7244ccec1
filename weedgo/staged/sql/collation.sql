--@if EXISTS (SELECT FROM pg_collation WHERE oid >= 16384)
SELECT u.name AS schema, c.collname::text AS name, c.oid, pg_get_userbyid(c.collowner)::text AS owner,
       CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' WHEN 'd' THEN 'default' ELSE 'libc' END AS provider,
       coalesce(c.colllocale, '') AS locale, --@17
       coalesce(c.colliculocale, '') AS locale, --@<17
       coalesce(c.collicurules, '') AS rules, --@16
       coalesce(c.collcollate, '') AS lc_collate, coalesce(c.collctype, '') AS lc_ctype,
       c.collisdeterministic AS deterministic,
       c.collencoding AS _encoding
FROM pg_collation c
JOIN user_schema u ON u.oid = c.collnamespace
WHERE c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_collation'::regclass)
