SELECT '' AS schema, format('FOR %s LANGUAGE %I', format_type(t.trftype, NULL), l.lanname) AS name, t.oid,
       CASE WHEN t.trffromsql <> 0 THEN t.trffromsql::regprocedure::text END AS from_sql,
       CASE WHEN t.trftosql <> 0 THEN t.trftosql::regprocedure::text END AS to_sql,
       format('FOR %s LANGUAGE %I', format_type(t.trftype, NULL), l.lanname) AS _named
FROM pg_transform t
JOIN pg_language l ON l.oid = t.trflang
WHERE t.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_transform'::regclass)
