-- The view shows options only to those who may see them.
SELECT '' AS schema, m.usename::text AS name, m.srvname::text AS parent, m.umid AS oid, m.umuser = 0 AS everybody,
       coalesce(m.umoptions, '{}')::text[] AS options
FROM pg_user_mappings m
