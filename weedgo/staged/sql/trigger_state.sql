--@relations
--@if EXISTS (SELECT FROM pg_trigger WHERE tgparentid <> 0)
SELECT u.name AS schema, t.tgname::text AS name, c.relname::text AS parent, t.oid,
       t.tgenabled::text AS enabled, ARRAY[pn.nspname::text, w.tgname::text, p.relname::text] AS _above
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN user_schema u ON u.oid = c.relnamespace
JOIN pg_trigger w ON w.oid = t.tgparentid
JOIN pg_class p ON p.oid = w.tgrelid
JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE NOT t.tgisinternal AND t.tgenabled <> w.tgenabled
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
