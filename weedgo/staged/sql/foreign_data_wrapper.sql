SELECT '' AS schema, w.fdwname::text AS name, w.oid, pg_get_userbyid(w.fdwowner)::text AS owner, w.fdwacl::text[] AS acl,
       CASE WHEN w.fdwhandler <> 0 THEN w.fdwhandler::regproc::text END AS handler,
       CASE WHEN w.fdwvalidator <> 0 THEN w.fdwvalidator::regproc::text END AS validator,
       ARRAY(SELECT o FROM unnest(w.fdwoptions) o ORDER BY o COLLATE "C") AS options
FROM pg_foreign_data_wrapper w
WHERE w.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_foreign_data_wrapper'::regclass)
