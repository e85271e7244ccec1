--@relations
--@if EXISTS (SELECT FROM pg_trigger WHERE tgparentid <> 0)
SELECT u.name AS schema, t.tgname::text AS name, c.relname::text AS parent, t.oid,
       t.tgenabled::text AS enabled, ARRAY[pn.nspname::text, w.tgname::text, p.relname::text] AS _above,
       w.between AS _between
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN user_schema u ON u.oid = c.relnamespace
-- The one that was made, of which all others are.
CROSS JOIN LATERAL (
    WITH RECURSIVE line AS (
        SELECT a.oid, a.tgparentid, a.tgrelid FROM pg_trigger a WHERE a.oid = t.tgparentid
        UNION ALL
        SELECT a.oid, a.tgparentid, a.tgrelid FROM line JOIN pg_trigger a ON a.oid = line.tgparentid
    )
    SELECT a.tgname, a.tgrelid, a.tgenabled,
           ARRAY(SELECT ARRAY[n.nspname::text, b.relname::text] FROM line l
                 JOIN pg_class b ON b.oid = l.tgrelid JOIN pg_namespace n ON n.oid = b.relnamespace
                 WHERE l.tgparentid <> 0) AS between
    FROM line JOIN pg_trigger a USING (oid)
    WHERE line.tgparentid = 0
) w
JOIN pg_class p ON p.oid = w.tgrelid
JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid <> 0 AND t.tgenabled <> w.tgenabled
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
