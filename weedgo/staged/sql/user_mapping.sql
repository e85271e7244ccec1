-- The view shows options only to those who may see them.
SELECT '' AS schema, m.usename::text AS name, m.srvname::text AS parent, m.umid AS oid, m.umuser = 0 AS everybody,
       ARRAY(SELECT o FROM unnest(m.umoptions) o ORDER BY o COLLATE "C") AS options,
       m.umoptions IS NOT NULL OR r.rolsuper AS _visible
FROM pg_user_mappings m
JOIN pg_roles r ON r.rolname = current_user
