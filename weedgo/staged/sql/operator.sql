--@if EXISTS (SELECT FROM pg_operator WHERE oid >= 16384)
SELECT u.name AS schema,
       o.oprname::text || '(' || coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE') || ', '
           || format_type(o.oprright, NULL) || ')' AS name,
       o.oid, pg_get_userbyid(o.oprowner)::text AS owner,
       format_type(nullif(o.oprleft, 0), NULL) AS left, format_type(o.oprright, NULL) AS right,
       o.oprcode::regproc::text AS function,
       CASE WHEN o.oprcom <> 0 THEN format('OPERATOR(%I.%s)', cn.nspname, c.oprname) END AS commutator,
       CASE WHEN o.oprnegate <> 0 THEN format('OPERATOR(%I.%s)', nn.nspname, n.oprname) END AS negator,
       CASE WHEN o.oprrest <> 0 THEN o.oprrest::regproc::text END AS restrict,
       CASE WHEN o.oprjoin <> 0 THEN o.oprjoin::regproc::text END AS join,
       o.oprcanhash AS hashes, o.oprcanmerge AS merges,
       format('%I.%s', u.name, o.oprname) AS _operator,
       format('%I.%s (%s, %s)', u.name, o.oprname, coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE'),
              format_type(o.oprright, NULL)) AS _named
FROM pg_operator o
JOIN user_schema u ON u.oid = o.oprnamespace
LEFT JOIN pg_operator c ON c.oid = o.oprcom
LEFT JOIN pg_namespace cn ON cn.oid = c.oprnamespace
LEFT JOIN pg_operator n ON n.oid = o.oprnegate
LEFT JOIN pg_namespace nn ON nn.oid = n.oprnamespace
WHERE o.oprcode <> 0
  AND o.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_operator'::regclass)
