SELECT '' AS schema, e.extname::text AS name, e.oid, n.nspname::text AS in_schema, e.extversion AS version,
       e.extrelocatable AS _relocatable, current_setting('server_version_num')::int / 10000 AS _major
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
