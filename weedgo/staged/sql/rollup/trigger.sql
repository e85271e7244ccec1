-- Triggers; on a partition only that one is enabled otherwise than on the whole is an object.
SELECT t.tgrelid AS relid, (t.tgparentid = 0 OR t.tgenabled <> w.tgenabled)::int AS objects,
       hash_record_extended(ROW(t.tgname, t.tgenabled, pg_get_triggerdef(t.oid), t.tgparentid <> 0, w.tgrelid::regclass::text
           ), 0) AS hash
FROM pg_trigger t
LEFT JOIN pg_trigger w ON w.oid = t.tgparentid
WHERE NOT t.tgisinternal
  AND t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_trigger'::regclass)
