--@relations or EXISTS (SELECT FROM pg_language WHERE lanacl IS NOT NULL)
-- Access lists of what is no object of its own: columns, the sequences of identity columns, built-in languages.
SELECT u.name AS schema, a.attname::text AS name, c.relname::text AS parent, 'column' AS target,
       NULL::text AS column, a.attacl::text[] AS acl, pg_get_userbyid(c.relowner)::text AS owner
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN user_schema u ON u.oid = c.relnamespace
WHERE a.attacl IS NOT NULL AND a.attacl <> '{}' AND NOT a.attisdropped
  AND a.attname NOT LIKE 'weedgo\_retired\_%'
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
UNION ALL
SELECT u.name, s.relname::text, c.relname::text, 'sequence', a.attname::text, s.relacl::text[],
       pg_get_userbyid(s.relowner)::text
FROM pg_class s
JOIN user_schema u ON u.oid = s.relnamespace
JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype = 'i'
                AND d.refclassid = 'pg_class'::regclass
JOIN pg_class c ON c.oid = d.refobjid
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE s.relkind = 'S' AND c.relnamespace = s.relnamespace
  AND a.attname NOT LIKE 'weedgo\_retired\_%'
  AND c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
UNION ALL
SELECT '', l.lanname::text, '', 'language', NULL, l.lanacl::text[], pg_get_userbyid(l.lanowner)::text
FROM pg_language l
WHERE l.lanacl IS NOT NULL
  AND (l.oid < 16384 OR l.oid IN (SELECT objid FROM extension_member WHERE classid = 'pg_language'::regclass))
