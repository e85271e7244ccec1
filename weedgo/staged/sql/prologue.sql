WITH user_schema AS MATERIALIZED (
    SELECT oid, nspname::text AS name
    FROM pg_catalog.pg_namespace
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'weedgo_migration', 'retired')
), extension_member AS MATERIALIZED (
    SELECT classid, objid FROM pg_catalog.pg_depend
    WHERE refclassid = 'pg_catalog.pg_extension'::regclass AND deptype = 'e'
)
