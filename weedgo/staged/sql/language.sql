SELECT '' AS schema, l.lanname::text AS name, l.oid, pg_get_userbyid(l.lanowner)::text AS owner,
       l.lanacl::text[] AS acl, l.lanpltrusted AS trusted,
       CASE WHEN l.lanplcallfoid <> 0 THEN l.lanplcallfoid::regproc::text END AS handler,
       CASE WHEN l.laninline <> 0 THEN l.laninline::regproc::text END AS inline,
       CASE WHEN l.lanvalidator <> 0 THEN l.lanvalidator::regproc::text END AS validator
FROM pg_language l
WHERE l.oid >= 16384
  AND l.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_language'::regclass)
