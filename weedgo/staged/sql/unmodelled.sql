SELECT 'subscription' AS kind, s.subname::text AS path
FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid AND d.datname = current_database()
