--@relations
SELECT u.name AS schema, c.relname::text AS name, c.oid,
       pg_get_userbyid(c.relowner)::text AS owner, c.relacl::text[] AS acl,
       s.srvname::text AS server, ARRAY(SELECT o FROM unnest(f.ftoptions) o ORDER BY o COLLATE "C") AS options,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS partition_bound,
       ARRAY(SELECT format('%I.%I', pn.nspname, p.relname)
             FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
             WHERE i.inhrelid = c.oid ORDER BY i.inhseqno) AS parents,
       (SELECT json_agg(json_build_array(pn.nspname, p.relname) ORDER BY i.inhseqno)
        FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
        WHERE i.inhrelid = c.oid) AS _ancestors
FROM pg_foreign_table f
JOIN pg_class c ON c.oid = f.ftrelid
JOIN user_schema u ON u.oid = c.relnamespace
JOIN pg_foreign_server s ON s.oid = f.ftserver
WHERE c.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
