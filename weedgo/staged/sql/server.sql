SELECT '' AS schema, s.srvname::text AS name, s.oid, pg_get_userbyid(s.srvowner)::text AS owner, s.srvacl::text[] AS acl,
       s.srvtype AS type, s.srvversion AS version, w.fdwname::text AS wrapper,
       ARRAY(SELECT o FROM unnest(s.srvoptions) o ORDER BY o COLLATE "C") AS options
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE s.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_foreign_server'::regclass)
