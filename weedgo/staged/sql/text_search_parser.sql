--@if EXISTS (SELECT FROM pg_ts_parser WHERE oid >= 16384)
SELECT u.name AS schema, p.prsname::text AS name, p.oid,
       p.prsstart::regproc::text AS start, p.prstoken::regproc::text AS gettoken, p.prsend::regproc::text AS end,
       p.prslextype::regproc::text AS lextypes,
       CASE WHEN p.prsheadline <> 0 THEN p.prsheadline::regproc::text END AS headline
FROM pg_ts_parser p
JOIN user_schema u ON u.oid = p.prsnamespace
WHERE p.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_ts_parser'::regclass)
