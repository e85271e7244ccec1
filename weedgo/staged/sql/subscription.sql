--@if has_column_privilege('pg_subscription', 'subconninfo', 'SELECT') AND EXISTS (SELECT FROM pg_subscription s WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
SELECT '' AS schema, s.subname::text AS name, s.oid, pg_get_userbyid(s.subowner)::text AS owner,
       s.subconninfo AS _given, s.subenabled AS _enabled, s.subslotname::text AS slot_name, s.subbinary AS binary,
       CASE WHEN s.substream::text = 'p' THEN 'parallel' WHEN s.substream::text ~ '^t' THEN 'on' ELSE 'off' END AS streaming,
       s.subtwophasestate <> 'd' AS two_phase, s.subdisableonerr AS disable_on_error, s.subsynccommit AS synchronous_commit,
       s.subpasswordrequired AS password_required, s.subrunasowner AS run_as_owner, s.suborigin AS origin, --@16
       s.subfailover AS failover, --@17
       s.subpublications::text[] AS publications
FROM pg_subscription s
JOIN pg_database d ON d.oid = s.subdbid AND d.datname = current_database()
