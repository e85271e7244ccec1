--@if EXISTS (SELECT FROM pg_operator WHERE oid >= 16384)
SELECT u.name AS schema,
       o.oprname::text || '(' || coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE') || ', '
           || format_type(o.oprright, NULL) || ')' AS name,
       o.oid, pg_get_userbyid(o.oprowner)::text AS owner,
       format_type(nullif(o.oprleft, 0), NULL) AS left, format_type(o.oprright, NULL) AS right,
       o.oprcode::regproc::text AS function,
       CASE WHEN c.oid IS NOT NULL THEN format('OPERATOR(%I.%s)', cn.nspname, c.oprname) END AS commutator,
       CASE WHEN n.oid IS NOT NULL THEN format('OPERATOR(%I.%s)', nn.nspname, n.oprname) END AS negator,
       CASE WHEN o.oprrest <> 0 THEN o.oprrest::regproc::text END AS restrict,
       CASE WHEN o.oprjoin <> 0 THEN o.oprjoin::regproc::text END AS join,
       -- Operators that name this one, though it does not name them: it was made after them.
       ARRAY(SELECT ARRAY[xn.nspname::text, x.oprname || '(' || coalesce(format_type(nullif(x.oprleft, 0), NULL), 'NONE')
                          || ', ' || format_type(x.oprright, NULL) || ')']
             FROM pg_operator x JOIN pg_namespace xn ON xn.oid = x.oprnamespace
             WHERE x.oid >= 16384 AND x.oid <> o.oid AND x.oprcode <> 0
               AND ((x.oprnegate = o.oid AND o.oprnegate = 0) OR (x.oprcom = o.oid AND o.oprcom = 0))
             ORDER BY 1) AS _namers,
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
