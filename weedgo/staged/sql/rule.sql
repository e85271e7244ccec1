--@relations
--@if EXISTS (SELECT FROM pg_rewrite WHERE rulename <> '_RETURN' AND oid >= 16384)
SELECT u.name AS schema, r.rulename::text AS name, c.relname::text AS parent, r.oid,
       rtrim(pg_get_ruledef(r.oid), ';') AS definition, r.ev_enabled::text AS enabled,
       c.relkind::text AS _relkind
FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class
JOIN user_schema u ON u.oid = c.relnamespace
WHERE r.rulename <> '_RETURN'
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
