--@relations
--@if EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal)
SELECT u.name AS schema, t.tgname::text AS name, c.relname::text AS parent, t.oid,
       pg_get_triggerdef(t.oid) AS definition, t.tgenabled::text AS enabled,
       c.relkind::text AS _relkind, t.tgconstraint <> 0 AS _constraint
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN user_schema u ON u.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
  AND t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_trigger'::regclass)
