SELECT '' AS schema, p.pubname::text AS name, p.oid, pg_get_userbyid(p.pubowner)::text AS owner,
       p.puballtables AS all_tables,
       array_to_string(array_remove(ARRAY[
           CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
           CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END], NULL), ', ') AS publish,
       p.pubviaroot AS via_root,
       CASE p.pubgencols WHEN 's' THEN 'stored' ELSE 'none' END AS generated_columns, --@18
       NULL::text AS _end
FROM pg_publication p
WHERE p.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_publication'::regclass)
