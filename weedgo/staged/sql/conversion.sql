--@if EXISTS (SELECT FROM pg_conversion WHERE oid >= 16384)
SELECT u.name AS schema, c.conname::text AS name, c.oid, pg_get_userbyid(c.conowner)::text AS owner,
       c.condefault AS default,
       pg_encoding_to_char(c.conforencoding)::text AS source_encoding,
       pg_encoding_to_char(c.contoencoding)::text AS target_encoding,
       format('%I.%I', n.nspname, p.proname) AS function
FROM pg_conversion c
JOIN user_schema u ON u.oid = c.connamespace
JOIN pg_proc p ON p.oid = c.conproc
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_conversion'::regclass)
